import type { Check, Operation, OperationHandler, OperationHandlers, RunContext } from '@polyshift/core';
import { cameToEnd, fail, PolyshiftError, pass, type TwoVersionsState, warn } from '@polyshift/core';
import { readTable, requireRowKey } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerContext } from '../handler/context.ts';
import { deleteMarks, readMark, writeMark } from '../handler/marks.ts';
import { checkName, cutIdentifier } from '../identifiers.ts';
import { backfill } from '../online/backfill.ts';
import { compareVersions } from '../online/compare.ts';
import { compareParts } from '../online/compare-parts.ts';
import { copyParts, discardParts } from '../online/copy-parts.ts';
import { guardTriggers, triggerProblem } from '../online/guard-triggers.ts';
import { createTriggers, whatIsMissing } from '../online/make-triggers.ts';
import type { Mapping } from '../online/mapping.ts';
import { namesOf, type OnlineUndo } from '../online/names.ts';
import { makeNewTable, type OnlineWork } from '../online/new-table.ts';
import { countAllRefused, describeRefused } from '../online/part-work.ts';
import { partCollection, partName } from '../online/parts.ts';
import { planOnline } from '../online/plan.ts';
import { onlineChecks } from '../online/preconditions.ts';
import { rewriteParts } from '../online/rewrite-parts.ts';
import { rewriteRefused } from '../online/rewrite-refused.ts';
import { addSelfKeys, missingSelfKeys } from '../online/self-keys.ts';
import { swapVersions } from '../online/swap.ts';
import { takeBack } from '../online/take-back.ts';

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
      await guardTriggers(work, run);
      await createTriggers(work, mapping, run);
      yield* backfill(work, mapping, run);
      yield* copyParts(work, mapping, run);
      await addSelfKeys(work, run);
    },
    async verify(operation, undo, run) {
      const work = workOf(operation, undo, run.aside);
      const mapping = await mappingOf(run);
      const problem =
        (await whatIsMissing(work, mapping)) ??
        (await triggerProblem(work, run)) ??
        (await missingSelfKeys(work, run)).map(keyIsMissing)[0];
      if (mapping === undefined || problem !== undefined)
        return [fail('two_versions', problem ?? 'the new version is not made yet', 'Run again.')];
      const refused = await countAllRefused(database, work, mapping);
      return [
        cameToEnd(run),
        pass('two_versions', `${undo.name} and ${undo.new_name} are in use, and each gets the writes to the other`),
        ...(await compareVersions(work, mapping)),
        ...(await compareParts(work, mapping)),
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
      const mapping = await mappingOf(run);
      await database.use(async (connection) => {
        if (mapping !== undefined) await discardParts(connection, names, mapping, run.aside);
        await connection.execute(`DROP TABLE IF EXISTS ${names.aside}`);
        await connection.execute(`DROP TABLE IF EXISTS ${names.refused}`);
        await deleteMarks(connection, run.aside);
      });
    },
    versions: {
      async state(operation, undo, place): Promise<TwoVersionsState> {
        const work = workOf(operation, undo, place.aside);
        const made = (operation.data.split ?? []).map(({ into }) => [
          into,
          partCollection(operation, undo, partName(operation, undo, into)),
        ]);
        return {
          new_version: { tables: { [operation.collection]: undo.new_collection, ...Object.fromEntries(made) } },
          refused: await countAllRefused(database, work, await mappingOf(place)),
          waiting: 0,
        };
      },
      async checkMove(operation, undo, run) {
        const work = workOf(operation, undo, run.aside);
        const mapping = await mappingOf(run);
        const refused = await countAllRefused(database, work, mapping);
        if (refused > 0) return [await refusedCheck(work, mapping!, refused, 'FAILED')];
        return [pass('no_refused_writes', 'each version takes every write of the other')];
      },
      async *catchUp(operation, undo, run) {
        const mapping = await mappingOf(run);
        if (mapping === undefined) return;
        const work = workOf(operation, undo, run.aside);
        yield* rewriteRefused(work, mapping, run);
        yield* rewriteParts(work, mapping, run);
      },
      async *contract(operation, undo, run) {
        const mapping = await mappingOf(run);
        if (mapping !== undefined) yield* swapVersions(workOf(operation, undo, run.aside), mapping, run);
      },
    },
  };
}

function keyIsMissing({ name }: { name: string }): string {
  return `the foreign key ${name} is not there`;
}

async function refusedCheck(work: OnlineWork, mapping: Mapping, count: number, status: 'FAILED' | 'WARNING'): Promise<Check> {
  const examples = await work.database.use((connection) => describeRefused(connection, work, mapping, 5));
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
