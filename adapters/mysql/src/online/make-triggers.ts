import type { RunContext } from '@polyshift/core';
import { tableIn } from '../catalog/table-name.ts';
import { readTables } from './compare.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import type { OnlineWork } from './new-table.ts';
import type { PartSource } from './part-direction.ts';
import { readPart } from './part-work.ts';
import { hubOf, partNames, partsIn } from './parts.ts';
import { createRefused, hasRefused } from './refused.ts';
import { shortDdl } from './short-ddl.ts';
import { allTriggers, partNamesOf, presentTriggers, triggerNames } from './triggers.ts';

/** Creates what carries writes over, and first what records those that do not fit; what is there stays. */
export async function createTriggers(work: OnlineWork, mapping: Mapping, run: RunContext): Promise<void> {
  const { database, names, undo } = work;
  const tables = await readTables(work);
  await database.use((connection) => createRefused(connection, names, mapping, tables.old, tables.new));
  await run.fault('refused_created');
  const parts: PartSource[] = [];
  for (const part of partsIn(mapping)) {
    const { hub, table } = await readPart(work, part);
    const [old, fresh] = hubOf(part) === 'old' ? [hub, table] : [table, hub];
    await database.use((connection) => createRefused(connection, partNames(names, part), part, old, fresh));
    await run.fault('part_refused_created');
    parts.push({ names, part, hub, table });
  }
  for (const { table, triggers } of allTriggers({ names, mapping, tables, parts })) {
    const present = await presentTriggers(
      database,
      names,
      triggers.map(({ name }) => name),
    );
    for (const { name, sql } of triggers) {
      if (present.includes(name)) continue;
      // It waits until every transaction has ended that has used the table, so that none is left which it has not seen.
      await shortDdl(database, run, { schema: undo.schema, tables: [table] }, async (connection) => {
        if ((await presentTriggers(connection, names, [name])).length === 0) await connection.execute(sql);
      });
      await run.fault('trigger_created');
    }
  }
}

/** What two versions in use need and have not, for people; undefined where nothing is missing. */
export async function whatIsMissing(
  { database, names, undo }: OnlineWork,
  mapping: Mapping | undefined,
): Promise<string | undefined> {
  if (mapping === undefined) return 'the new version is not made yet';
  for (const name of [undo.new_name, ...partsIn(mapping).map(({ table }) => table)])
    if ((await tableIn(database, undo.schema, name))?.kind !== 'table') return `the table ${name} is not there`;
  const records: OnlineNames[] = [names, ...partsIn(mapping).map((part) => partNames(names, part))];
  for (const of of records) if (!(await hasRefused(database, of))) return `the table ${of.refusedName} is not there`;
  const wanted = (['old', 'new'] as const).flatMap((side) => [
    ...triggerNames(side, names, mapping),
    ...partNamesOf(side, names, mapping).flatMap(({ triggers }) => triggers),
  ]);
  const present = await presentTriggers(database, names, wanted);
  const missing = wanted.filter((name) => !present.includes(name));
  return missing.length === 0 ? undefined : `the triggers ${missing.join(', ')} are not there`;
}
