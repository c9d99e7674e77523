import { type Column, type PortableValue, portableColumn, type RowBatch, type StoreSession } from '@polyshift/core';

/** The collection that every scenario starts from. */
export const seedCollection = 'items';

/** Rows that the seed has. */
export const seedCount = 60;

/** The columns of the seed; `key` names the first. */
export function seedColumns(key: string): Column[] {
  return [
    portableColumn(key, { kind: 'int64' }, false),
    portableColumn('name', { kind: 'text' }, false),
    portableColumn('mail', { kind: 'text' }),
    portableColumn('age', { kind: 'int32' }),
    portableColumn('score', { kind: 'float64' }),
    portableColumn('legacy', { kind: 'text' }),
  ];
}

/** One row of the seed: texts that need quoting, nulls, and numbers at their limits among them. */
export function seedRow(index: number): PortableValue[] {
  const names = ["O'Neil", 'Zoë "Z"', 'x\ty\\n', '', '日本', '$set', 'null'];
  return [
    BigInt(index) * 7n + 1n,
    `${names[index % names.length]} ${index}`,
    `user${index}@example.test`,
    index % 5 === 0 ? null : 10 + index,
    index % 7 === 0 ? null : index / 3,
    index % 3 === 0 ? null : `old ${index}`,
  ];
}

/** Every row of the seed. */
export function seedRows(): PortableValue[][] {
  return Array.from({ length: seedCount }, (_, index) => seedRow(index));
}

/** Seed rows as a batch. */
export function seedBatch(key: string, from = 0, to = seedCount): RowBatch {
  return {
    kind: 'rows',
    columns: seedColumns(key),
    rows: Array.from({ length: to - from }, (_, index) => seedRow(from + index)),
  };
}

/** Loads the seed into `items` through the adapter's own sink. */
export async function seed(session: StoreSession, key: string): Promise<void> {
  const { sink } = session;
  if (!sink) throw new Error('the suite loads its rows through the sink, and this adapter has none');
  const target = {
    collection: seedCollection,
    columns: seedColumns(key),
    dynamic: false,
    key: [key],
    mode: 'insert' as const,
    on_loss: 'nearest' as const,
    aside: 'seed',
  };
  const { undo } = await sink.plan(target);
  await using writer = await sink.open(target, undo);
  const encoded = writer.encode(seedBatch(key));
  const result = await writer.write(encoded.batch, { replay: false });
  if (result.inserted !== seedCount)
    throw new Error(`the sink wrote ${result.inserted} of ${seedCount} seed rows: ${JSON.stringify(result.rejected[0])}`);
  await writer.finish();
}
