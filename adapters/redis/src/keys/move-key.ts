import { PolyshiftError } from '@polyshift/core';
import { Script } from '../scripts/script.ts';
import { type Reply, type Store, send } from '../store.ts';
import { slotOf } from './slot.ts';

/** Times that a key is moved anew because the application has written it meanwhile, at most. */
const attempts = 10;

/** KEYS: the key. ARGV: what it must be, as DUMP and PEXPIRETIME say it. Looks and deletes in one step. */
const unlinkUnchanged = new Script(`
if redis.call('DUMP', KEYS[1]) ~= ARGV[1] or redis.call('PEXPIRETIME', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
return redis.call('UNLINK', KEYS[1])
`);

/**
 * Gives a key another name, with its value and its time to live. In one slot that is one step; else the copy is there before the original is deleted, which
 * is only while it still is what was copied; a move that stopped between the two ends when it is called again. A key that is gone is left out.
 *
 * @param copied called between the copy and the deletion
 * @throws PolyshiftError ALREADY_EXISTS where the new name is taken by something else, STORE_BUSY where the application writes the key all the time
 */
export async function moveKey(store: Store, from: Buffer, to: Buffer, copied?: () => Promise<void>): Promise<void> {
  if (!store.cluster || slotOf(from) === slotOf(to)) {
    const moved = await send(store, 'renamenx', from, to).catch((error: Error) => {
      if (error.message.includes('no such key')) return 1;
      throw error;
    });
    if (moved === 0) throw taken(to);
    return;
  }
  for (let attempt = 1; ; attempt++) {
    const original = await stateOf(store, from);
    if (!original) return;
    await copyKey(store, original, to);
    const copy = await stateOf(store, to);
    await copied?.();
    if (Number(await unlinkUnchanged.run(store, [from], original)) === 1) return;
    // The application has written the key since: the copy goes, unless somebody has written that too, and the move begins anew.
    if (copy) await unlinkUnchanged.run(store, [to], copy);
    if (attempt === attempts)
      throw new PolyshiftError(
        'STORE_BUSY',
        `the application writes the key ${JSON.stringify(from.toString())} faster than it can be moved`,
        {
          hint: 'Run again while it does not; nothing of it is lost.',
          retryable: true,
        },
      );
  }
}

/** The value of a key as DUMP says it, and when it expires (-1: never); undefined where there is no such key. */
async function stateOf(store: Store, key: Buffer): Promise<[payload: Buffer, expires: number] | undefined> {
  const [payload, expires] = await Promise.all([send(store, 'dump', key), send(store, 'pexpiretime', key)]);
  return payload === null ? undefined : [payload as Buffer, Number(expires)];
}

/** Makes the copy; the server refuses a payload that is not whole by its checksum. */
async function copyKey(store: Store, [payload, expires]: readonly [Buffer, number], to: Buffer): Promise<void> {
  try {
    await send(store, 'restore', to, Math.max(expires, 0), payload, 'ABSTTL');
  } catch (error) {
    if (!(error as Error).message.startsWith('BUSYKEY')) throw error;
    // The copy of an earlier attempt, or a key of somebody else.
    if (!sameBytes(await send(store, 'dump', to), payload)) throw taken(to);
  }
}

function sameBytes(left: Reply, right: Reply): boolean {
  return Buffer.isBuffer(left) && Buffer.isBuffer(right) && left.equals(right);
}

function taken(key: Buffer): PolyshiftError {
  return new PolyshiftError(
    'ALREADY_EXISTS',
    `the key ${JSON.stringify(key.toString())} is there already: the application writes under the new name`,
    {
      hint: 'Rename or delete that key, then run again.',
    },
  );
}
