import type { Check, Operation, OperationHandler, OperationHandlers, RunContext } from '@polyshift/core';
import { cameToEnd, fail, innerOperations, PolyshiftError, pass, type TwoVersionsState, warn } from '@polyshift/core';
import { readTable, requireRowKey } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerContext } from '../handler/context.ts';
import { deleteMarks, readMark, writeMark } from '../handler/marks.ts';
import { checkName, cutIdentifier } from '../identifiers.ts';
import { backfill } from '../online/backfill.ts';
import { compareVersions, readTables } from '../online/compare.ts';
import type { Mapping } from '../online/mapping.ts';
import { namesOf, type OnlineUndo, type Side } from '../online/names.ts';
import { makeNewTable, type OnlineWork } from '../online/new-table.ts';
import { planOnline } from '../online/plan.ts';
import { onlineChecks } from '../online/preconditions.ts';
import { countRefused, createRefused, hasRefused, readRefused } from '../online/refused.ts';
import { rewriteRefused } from '../online/rewrite-refused.ts';
import { addSelfKeys, missingSelfKeys } from '../online/self-keys.ts';
import { shortDdl } from '../online/short-ddl.ts';
import { swapVersions } from '../online/swap.ts';
import { dropTrigger, presentTriggers, triggerNames, triggersOf } from '../online/triggers.ts';

type Operate = Operation<'online_change'>;

/** The mark of the new table: it holds how rows of both versions belong together. */
const mark = 'online';

/**
 * online_change: a new version of the table beside the old one. Triggers carry each write to either over to the other within its transaction; the
 * rows are copied behind them. `finalize` gives the new version the name of the old one, and its own name stays as a view.
 */
export function onlineChange(
  { database }: HandlerContext,
  handlers: OperationHandlers,
): OperationHandler<'online_change', OnlineUndo> {
  const workOf = (operation: Operate, undo: OnlineUndo, aside: string): OnlineWork => ({
    database,
    handlers,
    operation,
    undo,
    names: namesOf(undo, aside),
  });
  const mappingOf = async (run: Pick<RunContext, 'aside'>): Promise<Mapping | undefined> =>
    (await readMark(database, run.aside, mark))?.['mapping'] as Mapping | undefined;
  return {
    plan: (operation, context) => planOnline(database, operation, context),
    check: (operation) => collectChecks(database, (connection) => onlineChecks(operation, handlers, connection)),
    async prepare(operation, run) {
      const table = await readTable(database, operation.collection);
      requireRowKey(table);
      const suffix = `__v${run.version}`;
      const name = checkName(operation.data.new_collection ?? `${cutIdentifier(table.name, 52 - suffix.length)}${suffix}`);
      if (await tableIn(database, table.schema, name))
        throw new PolyshiftError('ALREADY_EXISTS', `There is a table ${name} already, which the new version is to be called.`, {
          hint: 'Choose another name by data.new_collection.',
        });
      const place = operation.collection.slice(0, operation.collection.length - table.name.length);
      return { schema: table.schema, name: table.name, new_name: name, new_collection: `${place}${name}` };
    },
    async *execute(operation, undo, run) {
      const work = workOf(operation, undo, run.aside);
      let mapping = await mappingOf(run);
      if (mapping === undefined) {
        mapping = await makeNewTable(work, run);
        await run.guard();
        const made = mapping;
        await database.use((connection) => writeMark(connection, run.aside, mark, { mapping: made }));
        await run.fault('table_made');
        yield { rows_done: 0, note: `${undo.new_name} is made` };
      }
      await createTriggers(work, mapping, run);
      yield* backfill(work, mapping, run);
      await addSelfKeys(work, run);
    },
    async verify(operation, undo, run) {
      const work = workOf(operation, undo, run.aside);
      const mapping = await mappingOf(run);
      const problem = (await whatIsMissing(work, mapping)) ?? (await missingSelfKeys(work, run)).map(keyIsMissing)[0];
      if (mapping === undefined || problem !== undefined)
        return [fail('two_versions', problem ?? 'the new version is not made yet', 'Run again.')];
      const refused = await countRefused(database, work.names);
      return [
        cameToEnd(run),
        pass('two_versions', `${undo.name} and ${undo.new_name} are in use, and each gets the writes to the other`),
        ...(await compareVersions(work, mapping)),
        ...(refused > 0 ? [await refusedCheck(work, mapping, refused, 'WARNING')] : []),
      ];
    },
    async *rollback(operation, undo, run) {
      const work = workOf(operation, undo, run.aside);
      yield* takeBack(work, await mappingOf(run), run);
    },
    async discard(operation, undo, run) {
      await run.guard();
      const { names } = workOf(operation, undo, run.aside);
      await database.use(async (connection) => {
        await connection.execute(`DROP TABLE IF EXISTS ${names.aside}`);
        await connection.execute(`DROP TABLE IF EXISTS ${names.refused}`);
        await deleteMarks(connection, run.aside);
      });
    },
    versions: {
      async state(operation, undo, place): Promise<TwoVersionsState> {
        const { names } = workOf(operation, undo, place.aside);
        return {
          new_version: { tables: { [operation.collection]: undo.new_collection } },
          refused: await countRefused(database, names),
          waiting: 0,
        };
      },
      async checkMove(operation, undo, run) {
        const work = workOf(operation, undo, run.aside);
        const mapping = await mappingOf(run);
        const refused = mapping === undefined ? 0 : await countRefused(database, work.names);
        if (refused > 0) return [await refusedCheck(work, mapping!, refused, 'FAILED')];
        return [pass('no_refused_writes', 'each version takes every write of the other')];
      },
      async *catchUp(operation, undo, run) {
        const mapping = await mappingOf(run);
        if (mapping !== undefined) yield* rewriteRefused(workOf(operation, undo, run.aside), mapping, run);
      },
      async *contract(operation, undo, run) {
        const mapping = await mappingOf(run);
        if (mapping !== undefined) yield* swapVersions(workOf(operation, undo, run.aside), mapping, run);
      },
    },
  };
}

/** Creates what carries writes over; those that are there stay. The new version comes first: whoever writes to the old one meets it whole. */
async function createTriggers(work: OnlineWork, mapping: Mapping, run: RunContext): Promise<void> {
  const { database, names, undo } = work;
  const tables = await readTables(work);
  await database.use((connection) => createRefused(connection, names, mapping, tables.old, tables.new));
  await run.fault('refused_created');
  for (const side of ['new', 'old'] as const) {
    const triggers = triggersOf(side, { names, mapping, tables });
    const present = await presentTriggers(
      database,
      names,
      triggers.map(({ name }) => name),
    );
    for (const { name, sql } of triggers) {
      if (present.includes(name)) continue;
      // It waits until every transaction has ended that has used the table, so that none is left which it has not seen.
      await shortDdl(database, run, { schema: undo.schema, tables: [names.plain[side]] }, async (connection) => {
        if ((await presentTriggers(connection, names, [name])).length === 0) await connection.execute(sql);
      });
      await run.fault('trigger_created');
    }
  }
}

async function whatIsMissing({ database, names, undo }: OnlineWork, mapping: Mapping | undefined): Promise<string | undefined> {
  if (mapping === undefined) return 'the new version is not made yet';
  if ((await tableIn(database, undo.schema, undo.new_name))?.kind !== 'table') return `the table ${undo.new_name} is not there`;
  if (!(await hasRefused(database, names))) return `the table ${names.refusedName} is not there`;
  const wanted = (['old', 'new'] as const).flatMap((side: Side) => triggerNames(side, names, mapping));
  const present = await presentTriggers(database, names, wanted);
  const missing = wanted.filter((name) => !present.includes(name));
  return missing.length === 0 ? undefined : `the triggers ${missing.join(', ')} are not there`;
}

function keyIsMissing({ name }: { name: string }): string {
  return `the foreign key ${name} is not there`;
}

async function refusedCheck(work: OnlineWork, mapping: Mapping, count: number, status: 'FAILED' | 'WARNING'): Promise<Check> {
  const examples = await work.database.use((connection) => readRefused(connection, work.names, mapping, 5));
  const list = examples.map(({ side, key, reason }) => `${key} of the ${side} version (${reason})`).join('; ');
  const message = `${count} rows do not fit the other version: ${list}${count > examples.length ? '; ...' : ''}`;
  return (status === 'FAILED' ? fail : warn)(
    'no_refused_writes',
    message,
    'Correct these rows: a write that fits takes the record away.',
    {
      count,
    },
  );
}

async function* takeBack(work: OnlineWork, mapping: Mapping | undefined, run: RunContext) {
  const { database, names, undo, operation } = work;
  const lost = await countRefused(database, names, 'new');
  if (lost > 0 && mapping !== undefined) {
    const examples = await database.use((connection) => readRefused(connection, names, mapping, 5));
    const list = examples.filter(({ side }) => side === 'new').map(({ key, reason }) => `${key} (${reason})`);
    throw new PolyshiftError('WRITTEN_SINCE', `${lost} writes of the new version do not fit the old one: ${list.join('; ')}`, {
      hint: 'Correct or delete these rows in the new version, then roll back again.',
    });
  }
  for (const name of await presentTriggers(database, names, triggerNames('old', names, undefined))) {
    await shortDdl(database, run, { schema: undo.schema, tables: [undo.name] }, (connection) =>
      connection.execute(dropTrigger(names, name)),
    );
    await run.fault('trigger_dropped');
  }
  await shortDdl(database, run, { schema: undo.schema, tables: [undo.new_name] }, (connection) =>
    connection.execute(`DROP TABLE IF EXISTS ${names.new}`),
  );
  await run.fault('new_version_dropped');
  await run.guard();
  await database.execute(`DROP TABLE IF EXISTS ${names.refused}`);
  await run.fault('refused_dropped');
  yield { rows_done: 0, note: `${innerOperations(operation).length} changes taken back` };
}
