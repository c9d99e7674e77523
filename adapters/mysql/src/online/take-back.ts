import type { Progress, RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { quoteQualified } from '../identifiers.ts';
import { restoreTriggers } from './guard-triggers.ts';
import { whatIsMissing } from './make-triggers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { countAllRefused, describeRefused } from './part-work.ts';
import { changesOf, partName, partNames, partsIn } from './parts.ts';
import { rewriteParts } from './rewrite-parts.ts';
import { shortDdl } from './short-ddl.ts';
import { dropTrigger, partNamesOf, presentTriggers, triggerNames } from './triggers.ts';

/** Drops the new version and the tables that splits have made: the old one has every write, or nothing is dropped. Idempotent. */
export async function* takeBack(work: OnlineWork, mapping: Mapping | undefined, run: RunContext): AsyncIterable<Progress> {
  const { database, names, undo, operation } = work;
  const ddl = (table: string, sql: string): Promise<number> =>
    shortDdl(database, run, { schema: undo.schema, tables: [table] }, (connection) => connection.execute(sql));
  if (mapping !== undefined) await refuseLoss(work, mapping, run);
  const leaving =
    mapping === undefined
      ? []
      : [...partNamesOf('old', names, mapping), { table: undo.name, triggers: triggerNames('old', names, mapping) }];
  for (const { table, triggers } of leaving)
    for (const name of await presentTriggers(database, names, triggers)) {
      await ddl(table, dropTrigger(names, name));
      await run.fault('trigger_dropped');
    }
  for (const { into } of operation.data.split ?? []) {
    const name = partName(operation, undo, into);
    await ddl(name, `DROP TABLE IF EXISTS ${quoteQualified(names.schema, name)}`);
    await run.fault('part_dropped');
  }
  await ddl(undo.new_name, `DROP TABLE IF EXISTS ${names.new}`);
  await run.fault('new_version_dropped');
  // Nobody writes to the new version any more whose writes these would have to pass over.
  await restoreTriggers(work, run);
  await run.guard();
  for (const part of mapping === undefined ? [] : partsIn(mapping))
    await database.execute(`DROP TABLE IF EXISTS ${partNames(names, part).refused}`);
  await database.execute(`DROP TABLE IF EXISTS ${names.refused}`);
  await run.fault('refused_dropped');
  yield { rows_done: 0, note: `${changesOf(operation).length + (operation.data.merge ?? []).length} changes taken back` };
}

/** Throws WRITTEN_SINCE where the new version has writes that the old one has not. */
async function refuseLoss(work: OnlineWork, mapping: Mapping, run: RunContext): Promise<void> {
  let lost = await countAllRefused(work.database, work, mapping, 'new');
  if (lost > 0 && (await whatIsMissing(work, mapping)) === undefined) {
    for await (const _progress of rewriteParts(work, mapping, run));
    lost = await countAllRefused(work.database, work, mapping, 'new');
  }
  if (lost === 0) return;
  const examples = await work.database.use((connection) => describeRefused(connection, work, mapping, 5, 'new'));
  const list = examples.map(({ key, reason }) => `${key} (${reason})`);
  throw new PolyshiftError('WRITTEN_SINCE', `${lost} writes of the new version do not fit the old one: ${list.join('; ')}`, {
    hint: 'Correct or delete these rows in the new version, then roll back again.',
  });
}
