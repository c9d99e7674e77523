import type { Progress, RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection, Queryable } from '../connection.ts';
import { quoteList, quoteQualified } from '../identifiers.ts';
import { aliasesOf, forgetAlias, rememberAlias } from './aliases.ts';
import { nameTriggers, refuseTriggers } from './guard-triggers.ts';
import { incomingKeys } from './incoming-keys.ts';
import type { Mapping } from './mapping.ts';
import { moveKeys, nameKeys } from './move-keys.ts';
import type { OnlineWork } from './new-table.ts';
import { countAllRefused, describeRefused } from './part-work.ts';
import { partAside, partsIn } from './parts.ts';
import { proveSelfKeys } from './self-keys.ts';
import { shortDdl } from './short-ddl.ts';
import { dropTrigger, mirrorNames, partNamesOf, presentTriggers, triggerNames } from './triggers.ts';

/**
 * How far a swap is, by what is there. `before`: two tables. `between`: both names are views over the new version, which has a name of its own. `after`: the new
 * version has the name of the old one, and its former name is a view over it.
 */
type SwapState = 'before' | 'between' | 'after';

/**
 * Puts the new version into the place of the old one. No statement of an application meets a name that is not there: each step is one RENAME TABLE,
 * which waits for statements and transactions under way and never longer than a second. The first one puts the old version aside, and makes both
 * names views over the new one; the second one gives it the name of the old version, and its former name is a view over that from now on. In between a
 * view over the old name is created, which only then has the new columns. The name that the table had in between is a view as well for a while: MySQL lets
 * a statement that has opened one of the views and waits for the table go on with the name that it has read.
 */
export async function* swapVersions(work: OnlineWork, mapping: Mapping, run: RunContext): AsyncIterable<Progress> {
  const { database, names, undo } = work;
  const ddl = <Result>(tables: readonly string[], step: (connection: Connection) => Promise<Result>): Promise<Result> =>
    shortDdl(database, run, { schema: undo.schema, tables }, step);
  if ((await stateOf(database, work)) === 'before') {
    await refuseRefused(work, mapping);
    await refuseTriggers(work, run);
    await proveSelfKeys(work, run);
    await moveKeys(work, mapping, undo.name, names.new, run);
    // From here on the old version only gives: nothing that the new one does needs it any more.
    const leaving = [
      ...partNamesOf('new', names, mapping),
      { table: undo.new_name, triggers: mirrorNames('new', names, mapping) },
    ];
    for (const { table, triggers } of leaving)
      for (const name of await presentTriggers(database, names, triggers)) {
        await ddl([table], (connection) => connection.execute(dropTrigger(names, name)));
        await run.fault('carrying_back_ends');
      }
    await run.fault('carrying_back_ended');
    await refuseRefused(work, mapping);
    await database.use((connection) => createPassingViews(connection, work));
    await run.fault('views_created');
    const ended = partsIn(mapping).filter(({ kind }) => kind === 'merge');
    const merged = ended.map(
      (part) => `${quoteQualified(undo.schema, part.table)} TO ${quoteQualified(undo.schema, partAside(run.aside, part))}, `,
    );
    await ddl([undo.name, undo.new_name, ...ended.map(({ table }) => table)], (connection) =>
      connection.execute(
        `RENAME TABLE ${merged.join('')}${names.old} TO ${names.aside}, ${names.new} TO ${names.physical}, ${names.view('old')} TO ${names.old}, ${names.view('new')} TO ${names.new}`,
      ),
    );
    await run.fault('put_aside');
    yield { rows_done: 0, note: `${undo.name} is the new version` };
  }
  if ((await stateOf(database, work)) === 'between') {
    await database.use((connection) => createLastingViews(connection, work));
    await run.fault('lasting_view_created');
    await database.use((connection) => rememberAlias(connection, undo));
    await ddl([undo.name, undo.new_name], (connection) =>
      connection.execute(
        `RENAME TABLE ${names.old} TO ${names.view('old_gone')}, ${names.new} TO ${names.view('new_gone')}, ${names.physical} TO ${names.old}, ${names.view('lasting')} TO ${names.new}, ${names.view('bridge')} TO ${names.physical}`,
      ),
    );
    await run.fault('put_in_place');
  }
  for (const name of await presentTriggers(database, names, triggerNames('new', names, mapping)))
    await ddl([undo.name], (connection) => connection.execute(dropTrigger(names, name)));
  await run.fault('triggers_dropped');
  // One that was added to the old version in its last moment has gone aside with it.
  const aside = partsIn(mapping).map((part) => partAside(run.aside, part));
  if ((await incomingKeys(database, undo.schema, names.asideName, aside)).length > 0)
    await moveKeys(work, mapping, names.asideName, names.old, run);
  await nameKeys(work, mapping, run);
  await nameTriggers(work, run);
  await database.use(async (connection) => {
    const views = (['old', 'new', 'lasting', 'bridge', 'old_gone', 'new_gone'] as const).map((what) => names.view(what));
    await connection.execute(`DROP VIEW IF EXISTS ${[names.physical, ...views].join(', ')}`);
  });
  await run.fault('views_dropped');
  for (const alias of await aliasesOf(database, undo)) {
    if (alias === undo.new_name) continue;
    await database.execute(`DROP VIEW IF EXISTS ${quoteQualified(undo.schema, alias)}`);
    await database.use((connection) => forgetAlias(connection, undo, alias));
  }
  await refuseRefused(work, mapping);
  yield { rows_done: 0 };
}

async function stateOf(connection: Queryable, { undo, names }: OnlineWork): Promise<SwapState> {
  if (await tableIn(connection, undo.schema, names.asideName))
    return (await tableIn(connection, undo.schema, names.physicalName))?.kind === 'table' ? 'between' : 'after';
  // Without the old version aside it has not begun, or everything has been dropped that it has left.
  return (await tableIn(connection, undo.schema, undo.new_name))?.kind === 'table' ? 'before' : 'after';
}

/** A write that was made after the proof and that only the version aside has would go with it. */
async function refuseRefused(work: OnlineWork, mapping: Mapping): Promise<void> {
  const { database, names } = work;
  const count = await countAllRefused(database, work, mapping);
  if (count === 0) return;
  const examples = await database.use((connection) => describeRefused(connection, work, mapping, 5));
  throw new PolyshiftError(
    'CHECK_FAILED',
    `${count} writes do not fit the other version: ${examples.map(({ key, reason }) => `${key} (${reason})`).join('; ')}`,
    {
      hint: `Correct these rows, then run again. Once both versions have changed places delete the record of each row from ${names.refusedName}.`,
    },
  );
}

/** Views of both names over the new version under a name that it does not have yet: an empty table stands in for it while they are made. */
async function createPassingViews(connection: Connection, { undo, names }: OnlineWork): Promise<void> {
  const table = await readTable(connection, undo.new_collection);
  await connection.execute(`DROP TABLE IF EXISTS ${names.physical}`);
  await connection.execute(`CREATE TABLE ${names.physical} LIKE ${names.new}`);
  for (const what of ['old', 'new'] as const) await connection.execute(viewOver(names.view(what), names.physical, table));
  await connection.execute(`DROP TABLE ${names.physical}`);
}

async function createLastingViews(connection: Connection, { undo, names }: OnlineWork): Promise<void> {
  const table = await readTable(connection, undo.new_collection);
  for (const what of ['lasting', 'bridge'] as const) await connection.execute(viewOver(names.view(what), names.old, table));
}

/** Whoever uses it needs the same rights as on the table. */
function viewOver(view: string, table: string, { columns }: Pick<Table, 'columns'>): string {
  return `CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${view} AS SELECT ${quoteList(columns.map(({ name }) => name))} FROM ${table}`;
}
