import { readTable, type Table } from '../catalog/table.ts';
import type { Connection, Queryable } from '../connection.ts';
import type { Mapping, Part } from './mapping.ts';
import type { Side } from './names.ts';
import type { OnlineWork } from './new-table.ts';
import { hubOf, partNames, partsIn } from './parts.ts';
import { countRefused, readRefused } from './refused.ts';

/** The tables of hub and part as they are. */
export async function readPart({ database, operation, undo }: OnlineWork, part: Part): Promise<{ hub: Table; table: Table }> {
  const hub = hubOf(part) === 'old' ? operation.collection : undo.new_collection;
  return { hub: await readTable(database, hub), table: await readTable(database, part.collection) };
}

/** The work of a change with the names of hub and part in the place of both versions. */
export function partWork(work: OnlineWork, part: Part): OnlineWork {
  return { ...work, names: partNames(work.names, part) };
}

/** How many writes are refused between all tables of a change; those of one version where it is given. */
export async function countAllRefused(
  connection: Queryable,
  { names }: Pick<OnlineWork, 'names'>,
  mapping: Mapping | undefined,
  side?: Side,
): Promise<number> {
  let count = await countRefused(connection, names, side);
  for (const part of mapping === undefined ? [] : partsIn(mapping))
    count += await countRefused(connection, partNames(names, part), side);
  return count;
}

/** A refused write, for people. */
export interface DescribedRefusal {
  readonly side: Side;
  readonly key: string;
  readonly reason: string;
}

/** The first refused writes of all tables; those of one version where it is given. */
export async function describeRefused(
  connection: Connection,
  { names }: Pick<OnlineWork, 'names'>,
  mapping: Mapping,
  most: number,
  side?: Side,
): Promise<DescribedRefusal[]> {
  const found: DescribedRefusal[] = [];
  const read = async (of: OnlineWork['names'], key: Mapping['key'], table?: string): Promise<void> => {
    if ((await countRefused(connection, of, side)) === 0) return;
    const records = await readRefused(connection, of, { key }, most, side);
    for (const record of records) found.push({ ...record, key: table === undefined ? record.key : `${table} ${record.key}` });
  };
  await read(names, mapping.key);
  for (const part of partsIn(mapping)) await read(partNames(names, part), part.key, part.table);
  return found.slice(0, most);
}
