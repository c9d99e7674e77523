import { PolyshiftError } from '@polyshift/core';
import { type Reply, type Store, send } from '../store.ts';
import { slotOf } from './slot.ts';

/**
 * Gives a key another name, with its value and its time to live. In one slot that is one step; else the copy is there before the original is deleted, and
 * a move that stopped between the two ends when it is called again. A key that is gone is left out.
 *
 * @throws PolyshiftError ALREADY_EXISTS where the new name is taken by something else
 */
export async function moveKey(store: Store, from: Buffer, to: Buffer): Promise<void> {
  if (!store.cluster || slotOf(from) === slotOf(to)) {
    const moved = await send(store, 'renamenx', from, to).catch((error: Error) => {
      if (error.message.includes('no such key')) return 1;
      throw error;
    });
    if (moved === 0) throw taken(to);
    return;
  }
  const [payload, expires] = await Promise.all([send(store, 'dump', from), send(store, 'pexpiretime', from)]);
  if (payload === null) return;
  try {
    await send(store, 'restore', to, Math.max(Number(expires), 0), payload as Buffer, 'ABSTTL');
  } catch (error) {
    if (!(error as Error).message.startsWith('BUSYKEY')) throw error;
    // The copy of an earlier attempt, or a key of somebody else.
    if (!sameBytes(await send(store, 'dump', to), payload)) throw taken(to);
  }
  await send(store, 'unlink', from);
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
