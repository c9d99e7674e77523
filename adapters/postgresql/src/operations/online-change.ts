import {
  type Check,
  cameToEnd,
  fail,
  innerOperations,
  type JsonObject,
  type Operation,
  type OperationHandler,
  PolyshiftError,
} from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import { tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { dropAside } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerContext } from '../handler/context.ts';
import { ddlTransaction, deleteMark, readMark, writeMark } from '../handler/marks.ts';
import { backfill } from '../online/backfill.ts';
import { backfillParts } from '../online/backfill-parts.ts';
import { type Built, buildNewVersion, builtMark, type HandlerOf } from '../online/build.ts';
import { checkBack, checkOperations } from '../online/check-operations.ts';
import { checkParts } from '../online/check-parts.ts';
import { checkTable } from '../online/check-table.ts';
import { checkTriggers } from '../online/check-triggers.ts';
import { compareVersions, refusedChecks } from '../online/compare.ts';
import { compareParts } from '../online/compare-parts.ts';
import { createTriggers, dropFunctions, dropTriggers, isVersionSchema } from '../online/connect.ts';
import { connectParts } from '../online/connect-parts.ts';
import { Contention } from '../online/contention.ts';
import { dropNewVersion } from '../online/drop-version.ts';
import { type OnlineNames, onlineNames, versionSchemaOf } from '../online/names.ts';
import { dropSplitTables, refuseTakenParts } from '../online/part-tables.ts';
import { planOnlineChange } from '../online/plan.ts';
import { dropRelationTriggers } from '../online/relation-triggers.ts';
import { withShortLocks } from '../online/short-lock.ts';
import { resume } from '../online/suspended.ts';
import { isSwapped, lockBoth, swap } from '../online/swap.ts';
import { counts, settleAll, settleBack } from '../online/unsettled.ts';
import { partCounts, refusedPartChecks, settleAllParts, settlePartsOf } from '../online/unsettled-parts.ts';
import { checkSameTriggers, guardOld, restoreTriggers } from '../online/user-triggers.ts';
import { wayToNew } from '../online/way.ts';
import { requireRowKey } from '../row-images/image-table.ts';

type Operate = Operation<'online_change'>;
/** Where both versions are, and what identifies a row of the old one. */
type Undo = { oid: number; schema: string; table: string; version_schema: string; key: string[] };

const connectedMark = 'connected';
const constraintsMark = 'constraints_resumed';

/**
 * online_change: a new version of the table in a schema of its own, made by the handlers of the operations while it is empty; triggers carry each write to
 * either over to the other within its transaction. `contract` moves the new version into the place of the old one.
 */
export function onlineChange({ database }: HandlerContext, handlerOf: HandlerOf): OperationHandler<'online_change', Undo> {
  const namesOf = (aside: string, undo: Undo): OnlineNames => onlineNames(aside, undo.schema, undo.table, undo.version_schema);
  const builtOf = async (aside: string): Promise<Built | undefined> =>
    (await readMark(database, aside, builtMark)) as unknown as Built | undefined;
  return {
    plan: (operation, context) => planOnlineChange(database, operation, context),
    check: (operation) =>
      collectChecks(async () => {
        const { table, checks } = await database.transaction((connection) => checkVersions(connection, operation));
        if (checks.some(({ status }) => status === 'FAILED')) return checks;
        const inner = innerOperations(operation);
        const back = checkBack(inner, (operation.data.back ?? {}) as JsonObject, table);
        return [...checks, ...back, ...(await checkOperations(inner, handlerOf))];
      }),
    async prepare(operation, run) {
      return await database.transaction(
        async (connection) => {
          const table = await readTable(connection, operation.collection);
          const version_schema = versionSchemaOf(table.schema, run.version);
          await refuseTaken(connection, version_schema, table.name);
          await refuseTakenParts(connection, operation, table.schema);
          return { oid: table.oid, schema: table.schema, table: table.name, version_schema, key: [...requireRowKey(table)] };
        },
        { read_only: true },
      );
    },
    async *execute(operation, undo, run) {
      const names = namesOf(run.aside, undo);
      yield { rows_done: 0, note: `making the new version ${names.collection}` };
      await run.fault('before');
      await buildNewVersion(database, run, operation, names, undo.key, handlerOf);
      const built = (await builtOf(run.aside))!;
      const relations = built.relations ?? [];
      const old = await database.transaction((connection) => readTable(connection, operation.collection));
      const way = wayToNew(names, built.mapping, old);
      if ((await readMark(database, run.aside, connectedMark)) === undefined) {
        yield { rows_done: 0, note: `connecting both versions; writers that have begun before are waited for` };
        await withShortLocks(database, run, [old.oid, ...relations.map(({ oid }) => oid)], async (connection) => {
          await createTriggers(connection, names, way);
          await connectParts(connection, names, relations);
          await guardOld(connection, names, old.oid, built.triggers);
          await writeMark(connection, run.aside, connectedMark);
        });
      }
      await run.fault('connected');
      yield* backfill(database, run, {
        table: old,
        names,
        way,
        batchSize: operation.batch_size,
        workers: operation.data.workers ?? 1,
        contention: new Contention(),
      });
      yield* backfillParts(database, run, { old, names, relations, batchSize: operation.batch_size });
      // Writes of the new version that came upon a row while it was copied.
      await settleAll(database, run, names);
      await settleAllParts(database, run, names, relations);
      if ((await readMark(database, run.aside, constraintsMark)) === undefined) {
        await withShortLocks(database, run, [old.oid], async (connection) => {
          await resume(connection, names.newSql, built.suspended);
          await writeMark(connection, run.aside, constraintsMark);
        });
        // Whoever reads it from now on shall not wait for the server to look at it by itself.
        await ddlTransaction(database, run, (connection) => connection.execute(`ANALYZE ${names.newSql}`));
      }
      await run.fault('filled');
    },
    async verify(_operation, undo, run) {
      const names = namesOf(run.aside, undo);
      const built = await builtOf(run.aside);
      if (!built) return [fail('new_version', 'there is no new version yet', 'Run again.')];
      for (const mark of [connectedMark, constraintsMark])
        if ((await readMark(database, run.aside, mark)) === undefined)
          return [fail('new_version', 'the new version is not whole yet', 'Run again.')];
      return await database.transaction(
        async (connection) => [
          cameToEnd(run),
          ...(await compareVersions(connection, names, built.mapping)),
          ...(await refusedChecks(connection, names, 'warn')),
          ...(await compareParts(connection, names, built.relations ?? [])),
          ...(await refusedPartChecks(connection, names, built.relations ?? [], 'warn')),
          ...(await checkSameTriggers(connection, names, built.triggers)),
        ],
        { isolation: 'REPEATABLE READ', read_only: true },
      );
    },
    async *rollback(_operation, undo, run) {
      const names = namesOf(run.aside, undo);
      const connected = (await readMark(database, run.aside, connectedMark)) !== undefined;
      const relations = (await builtOf(run.aside))?.relations ?? [];
      await run.fault('before');
      await withShortLocks(database, run, [undo.oid, ...relations.map(({ oid }) => oid)], async (connection) => {
        if (connected && (await readMark(connection, run.aside, connectedMark)) !== undefined) {
          await lockBoth(connection, names, relations);
          await settleBack(connection, names);
          await settlePartsOf(connection, names, relations, 'new');
          for (const relation of relations) await dropRelationTriggers(connection, names, relation);
          await dropTriggers(connection, names, names.oldSql);
          const { triggers } = (await readMark(connection, run.aside, builtMark)) as unknown as Built;
          await restoreTriggers(connection, names, triggers);
        }
        await dropSplitTables(connection, run.aside);
        await dropNewVersion(connection, names);
        for (const mark of [connectedMark, constraintsMark, builtMark]) await deleteMark(connection, run.aside, mark);
      });
      yield { rows_done: 0 };
    },
    async discard(operation, undo, run) {
      const names = namesOf(run.aside, undo);
      await ddlTransaction(database, run, async (connection) => {
        await dropFunctions(connection, names);
        await dropAside(connection, run.aside);
      });
      for (const index of innerOperations(operation).keys())
        await ddlTransaction(database, run, (connection) => dropAside(connection, `${run.aside}_i${index}`));
    },
    versions: {
      async state(_operation, undo, { aside }) {
        const names = namesOf(aside, undo);
        const built = await builtOf(aside);
        const open = built !== undefined && !(await isSwapped(database, aside));
        const rows = open ? await counts(database, names) : { refused: 0, waiting: 0 };
        const parts = open ? await partCounts(database, names, built.relations ?? []) : { refused: 0, waiting: 0 };
        return {
          new_version: { schema: undo.version_schema, search_path: searchPath([undo.version_schema, undo.schema]) },
          refused: rows.refused + parts.refused,
          waiting: rows.waiting + parts.waiting,
        };
      },
      async checkMove(_operation, undo, run) {
        const names = namesOf(run.aside, undo);
        const relations = (await builtOf(run.aside))?.relations ?? [];
        return await database.transaction(
          async (connection) => [
            ...(await refusedChecks(connection, names, 'fail')),
            ...(await refusedPartChecks(connection, names, relations, 'fail')),
          ],
          { read_only: true },
        );
      },
      async *catchUp(_operation, undo, run) {
        if (await isSwapped(database, run.aside)) return;
        await settleAll(database, run, namesOf(run.aside, undo));
        await settleAllParts(database, run, namesOf(run.aside, undo), (await builtOf(run.aside))?.relations ?? []);
        yield { rows_done: 0 };
      },
      async *contract(_operation, undo, run) {
        const names = namesOf(run.aside, undo);
        await run.fault('swap');
        const built = await builtOf(run.aside);
        // Without it the new version has taken the place already, and what was kept is deleted.
        if (built) await swap(database, run, { oid: undo.oid, schema: undo.schema, name: undo.table }, names, built);
        yield { rows_done: 0, note: `${undo.version_schema}.${undo.table} has taken the place of ${undo.schema}.${undo.table}` };
      },
    },
  };
}

async function checkVersions(connection: Connection, operation: Operate): Promise<{ table: Table; checks: Check[] }> {
  const table = await readTable(connection, operation.collection);
  return {
    table,
    checks: [
      ...(await checkTable(connection, table)),
      ...(await checkTriggers(connection, table, operation)),
      ...(await checkParts(connection, operation, table)),
    ],
  };
}

/** Throws ALREADY_EXISTS where the place of the new version is taken. */
async function refuseTaken(connection: Connection, schema: string, table: string): Promise<void> {
  const own = await isVersionSchema(connection, schema);
  const taken = own === false || (own && (await tableIn(connection, schema, table)) !== undefined);
  if (!taken) return;
  throw new PolyshiftError(
    'ALREADY_EXISTS',
    `The schema ${schema}, in which the new version of ${table} would stand, is there already.`,
    {
      hint: 'Rename or drop it, or give the migration another version.',
    },
  );
}

/** Schemas as the server reads them in `search_path`. */
function searchPath(schemas: readonly string[]): string {
  return schemas.map((name) => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)).join(', ');
}
