import type { KeyedRow, RowBatchOf, RowScan, RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import { type Definition, keyNames } from '../definitions/definition.ts';
import { bytesOf, nameOf } from '../keys/names.ts';
import { joinedKey, keyParts } from '../rows/key-text.ts';
import { hashFields, idField } from '../rows/raw-row.ts';
import { Script } from '../scripts/script.ts';
import { type Argument, type Store, send, sendEach } from '../store.ts';

/** KEYS: stream, entries by row. ARGV: row, then (name, value). An entry for a row that has one already is not added. */
const append = new Script(`
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
local fields = {}
for i = 2, #ARGV do fields[i - 1] = ARGV[i] end
redis.call('HSET', KEYS[2], ARGV[1], redis.call('XADD', KEYS[1], '*', unpack(fields)))
return 1
`);

const remove = new Script(`
local entry = redis.call('HGET', KEYS[2], ARGV[1])
if not entry then return 0 end
redis.call('XDEL', KEYS[1], entry)
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
`);

/** The key of a stream: the name of the collection itself. */
export function streamKey({ keys }: Pick<Store, 'keys'>, collection: string): string {
  return `${keys.prefix}${collection}`;
}

/** The hash of row to entry beside a stream, in its slot of a cluster: what makes a load into it idempotent. */
export function entriesKey(store: Pick<Store, 'keys'>, collection: string): string {
  const { keys } = store;
  return keys.rowsShareSlot(collection)
    ? keys.beside(collection, 'entries', '')
    : keys.tagged('entries', streamKey(store, collection));
}

/** The entries of a stream in their order, as rows. */
export async function* scanEntries(
  store: Store,
  collection: string,
  { batch_size, after }: RowScan,
): AsyncGenerator<RowBatchOf<Buffer>> {
  let last = after === undefined || after === null ? undefined : String(after);
  for (;;) {
    const found = (await send(
      store,
      'xrange',
      streamKey(store, collection),
      last === undefined ? '-' : `(${last}`,
      '+',
      'COUNT',
      batch_size,
    )) as [Buffer, Buffer[]][];
    if (found.length === 0) return;
    last = String(found.at(-1)![0]);
    yield { rows: found.map(([, fields]) => entryRow(store, collection, fields)), last };
    if (found.length < batch_size) return;
  }
}

/** The entries of rows. */
export async function getEntries(store: Store, collection: string, ids: readonly string[]): Promise<KeyedRow<Buffer>[]> {
  if (ids.length === 0) return [];
  const entries = (await send(store, 'hmget', entriesKey(store, collection), ...ids.map(bytesOf))) as (Buffer | null)[];
  const replies = await sendEach(
    store,
    entries.flatMap((entry) => (entry ? [['xrange', streamKey(store, collection), entry, entry] as const] : [])),
  );
  return (replies as [Buffer, Buffer[]][][]).flatMap(([found]) => (found ? [entryRow(store, collection, found[1])] : []));
}

/** Appends rows to a stream, or deletes what was appended: entries are never changed. */
export async function writeEntries(
  store: Store,
  collection: string,
  definition: Definition,
  writes: readonly RowWrite<Buffer>[],
): Promise<WriteOutcome[]> {
  const keys = [streamKey(store, collection), entriesKey(store, collection)];
  const call = (write: RowWrite<Buffer>, parameters: Argument[]) => ({
    keys,
    parameters: [bytesOf(String(write.key)), ...parameters],
  });
  const outcomes: WriteOutcome[] = writes.map(() => ({
    code: 'UNSUPPORTED_OPERATION',
    message: 'an entry of a stream cannot be changed',
  }));
  for (const [script, kind] of [
    [append, 'insert'],
    [remove, 'remove'],
  ] as const) {
    const positions = writes.flatMap((write, position) => (write.kind === kind ? [position] : []));
    const replies = await script.runAll(
      store,
      positions.map((position) => call(writes[position]!, kind === 'insert' ? entryFields(definition, writes[position]!) : [])),
    );
    for (const [index, reply] of replies.entries()) {
      if (reply instanceof Error) throw reply;
      outcomes[positions[index]!] = reply === 1 ? 'written' : 'differs';
    }
  }
  return outcomes;
}

/** The fields of an entry: those of the key first, because an entry has no key of its own. */
function entryFields(definition: Definition, write: RowWrite<Buffer>): Argument[] {
  if (write.kind === 'change') return [];
  const parts = keyParts(definition, String(write.key));
  return [
    ...keyNames(definition).flatMap((name, index): Argument[] => [name, bytesOf(parts[index] ?? '')]),
    ...hashFields(write.row).flatMap(([field, raw]): Argument[] => [bytesOf(field), raw]),
  ];
}

function entryRow(store: Store, collection: string, fields: readonly Buffer[]): KeyedRow<Buffer> {
  const names = keyNames(store.definitions.known(collection));
  const parts = names.map(() => '');
  const row = new Map<string, Buffer>([[idField, Buffer.alloc(0)]]);
  for (let index = 0; index < fields.length; index += 2) {
    const name = nameOf(fields[index]!);
    const place = names.indexOf(name);
    if (place === -1) row.set(name, fields[index + 1]!);
    else parts[place] = nameOf(fields[index + 1]!);
  }
  const key = joinedKey(parts);
  return { key, row: row.set(idField, bytesOf(key)) };
}
