import { dynamicType, type PortableType, type PortableValue, type StoreSession, Tagged } from '@polyshift/core';

/** A value with its type, as a store gave it back. */
export interface TypedValue {
  readonly type: PortableType;
  readonly value: PortableValue;
}

/** One row: field to value; what is null or missing is left out. */
export type ReadRow = ReadonlyMap<string, TypedValue>;

/** Every row of a collection through the source of its adapter, by the text of its key. */
export async function readRows(session: StoreSession, collection: string, key: string): Promise<Map<string, ReadRow>> {
  await using scan = await session.source!.scan({ collection });
  const rows = new Map<string, ReadRow>();
  const put = (row: Map<string, TypedValue>): void => {
    const id = keyText(row.get(key));
    if (rows.has(id)) throw new Error(`the scan of ${collection} gave the row ${id} twice`);
    rows.set(id, row);
  };
  for (const partition of await scan.partitions(3)) {
    for await (const { batch } of scan.read(partition, { batch_size: 13 })) {
      if (batch.kind === 'documents') {
        for (const raw of batch.documents)
          put(new Map([...batch.decode(raw)].flatMap(([name, value]) => typed(name, { kind: 'dynamic' }, value))));
      } else {
        for (const row of batch.rows)
          put(
            new Map(
              batch.columns.flatMap(({ name, type, decode }, index) =>
                row[index] === null || row[index] === undefined ? [] : typed(name, type, decode(row[index])),
              ),
            ),
          );
      }
    }
  }
  return rows;
}

function typed(name: string, type: PortableType, value: PortableValue): [string, TypedValue][] {
  if (value === null) return [];
  if (value instanceof Tagged) return [[name, { type: value.type, value: value.value }]];
  return [[name, { type: type.kind === 'dynamic' ? dynamicType(value)! : type, value }]];
}

function keyText(key: TypedValue | undefined): string {
  if (key === undefined) throw new Error('a row has no key');
  return String(key.value);
}
