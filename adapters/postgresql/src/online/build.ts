import { randomBytes } from 'node:crypto';
import {
  innerOperations,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  type OperationType,
  PolyshiftError,
  type RunContext,
} from '@polyshift/core';
import { readColumns, readTable, type Table } from '../catalog/table.ts';
import { findTable, tableIn } from '../catalog/table-name.ts';
import type { Connection, Database } from '../database.ts';
import { createAsideSchema, dropAside } from '../handler/aside.ts';
import { ddlTransaction, readMark, writeMark } from '../handler/marks.ts';
import { createFunctions, createTriggers, createVersionSchema } from './connect.ts';
import { copyTable } from './copy-table.ts';
import { dropNewVersion } from './drop-version.ts';
import { equalOperators } from './equal-operators.ts';
import { shareSequences } from './identity.ts';
import { tryIncomingKeys } from './incoming-keys.ts';
import { type Mapping, MappingBuilder } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import { createSplitTables, dropSplitTables, relate, splitFields } from './part-tables.ts';
import { qualify } from './qualify.ts';
import type { Relation } from './relation.ts';
import { suspend } from './suspended.ts';
import { createSyncIndex } from './sync-index.ts';
import { createOnNew, readUserTriggers, type UserTrigger } from './user-triggers.ts';
import { wayToNew, wayToOld } from './way.ts';

/** The mark that says that the new version is there, empty, with all operations applied; its detail. */
export const builtMark = 'built';
export type Built = { mapping: Mapping; suspended: JsonObject[]; triggers: UserTrigger[]; relations?: Relation[] };

/** Finds the handler of an operation. */
export type HandlerOf = (type: OperationType) => OperationHandler;

/**
 * Makes the new version, empty, and applies the operations to it by their own handlers. Nobody uses it before it is whole: what a stop has left of it
 * is dropped, and it is made anew.
 */
export async function buildNewVersion(
  database: Database,
  run: RunContext,
  operation: Operation<'online_change'>,
  names: OnlineNames,
  key: readonly string[],
  handlerOf: HandlerOf,
): Promise<void> {
  if ((await readMark(database, run.aside, builtMark)) !== undefined) return;
  const inner = innerOperations(operation);
  await ddlTransaction(database, run, async (connection) => {
    await dropSplitTables(connection, run.aside);
    await dropNewVersion(connection, names);
  });
  for (const index of inner.keys())
    await ddlTransaction(database, run, (connection) => dropAside(connection, innerAside(run, index)));
  await run.fault('cleared');
  const old = await ddlTransaction(database, run, async (connection) => {
    const table = await readTable(connection, operation.collection);
    await createAsideSchema(connection, run.aside);
    await createVersionSchema(connection, names, table.schema);
    await copyTable(connection, table, names);
    await createSplitTables(connection, run, operation, table, names, key);
    return table;
  });
  await run.fault('copied');
  const builder = new MappingBuilder(old, splitFields(operation));
  for (const [index, each] of inner.entries()) {
    const own = await database.transaction((connection) => onNewVersion(connection, each, old, names));
    const before = await database.transaction((connection) => readTable(connection, names.collection));
    await database.transaction((connection) => builder.add(own, before, connection), { read_only: true });
    await apply(run, own, index, handlerOf(own.type));
    await run.fault('operation_applied');
  }
  await ddlTransaction(database, run, async (connection) => {
    const place = (await tableIn(connection, names.versionSchema, old.name))!;
    const fresh = await readColumns(connection, place);
    const base = `polyshift_rows_${randomBytes(8).toString('hex')}`;
    const plain = builder.finish(
      fresh,
      (operation.data.back ?? {}) as JsonObject,
      key,
      base,
      await equalOperators(connection, [old, fresh]),
    );
    const mapping: Mapping = {
      ...plain,
      forward: await qualify(connection, (table) => plain.forward.replaceAll(base, () => table), old.sql, names.aside, base),
      back: await qualify(connection, (table) => plain.back.replaceAll(base, () => table), names.newSql, names.aside, base),
    };
    await createSyncIndex(connection, names, mapping);
    await tryIncomingKeys(connection, old, names, mapping);
    const suspended = await suspend(connection, fresh);
    await shareSequences(connection, names, old, mapping);
    const ways = [wayToNew(names, mapping, old), wayToOld(names, mapping, old, fresh)] as const;
    await createFunctions(connection, names, mapping, ...ways);
    await createTriggers(connection, names, ways[1]);
    const triggers = await readUserTriggers(connection, old.oid);
    await createOnNew(connection, names, triggers, mapping);
    const relations = await relate(connection, operation, old, names, mapping);
    await writeMark(connection, run.aside, builtMark, { mapping, suspended, triggers, relations } satisfies Built);
  });
  await run.fault('built');
}

/** The aside of one operation within a step. */
function innerAside({ aside }: RunContext, index: number): string {
  return `${aside}_i${index}`;
}

/** The operation as one on the new version; a key that refers to its own table refers to the new version then. */
async function onNewVersion(connection: Connection, operation: Operation, old: Table, names: OnlineNames): Promise<Operation> {
  const own = { ...operation, collection: names.collection } as Operation;
  if (own.type !== 'add_constraint' || own.data.constraint.kind !== 'foreign_key') return own;
  const { constraint } = own.data;
  const other = await findTable(connection, constraint.references.collection);
  if (other?.oid !== old.oid) return own;
  const references = { ...constraint.references, collection: names.collection };
  return { ...own, data: { ...own.data, constraint: { ...constraint, references } } };
}

/** Drives the handler of an operation on the empty table, where what it keeps for its way back is of no use. */
async function apply(run: RunContext, operation: Operation, index: number, handler: OperationHandler): Promise<void> {
  let checkpoint: JsonValue | undefined;
  const own: RunContext = {
    run_id: run.run_id,
    version: run.version,
    step: run.step,
    aside: innerAside(run, index),
    fence: run.fence,
    signal: run.signal,
    get checkpoint() {
      return checkpoint;
    },
    save: async (value) => {
      checkpoint = value;
    },
    guard: () => run.guard(),
    fault: (place) => run.fault(`${operation.type}.${place}`),
  };
  refuse(operation, await handler.check(operation));
  const undo = await handler.prepare(operation, own);
  for await (const _progress of handler.execute(operation, undo, own));
  refuse(operation, await handler.verify(operation, undo, own));
  await handler.discard(operation, undo, own);
}

function refuse(operation: Operation, checks: Awaited<ReturnType<OperationHandler['check']>>): void {
  const failed = checks.filter(({ status }) => status === 'FAILED');
  if (failed.length === 0) return;
  throw new PolyshiftError(
    'CHECK_FAILED',
    `${operation.type} is not possible on the new version ${operation.collection}: ${failed.map(({ message }) => message).join('; ')}`,
    { hint: failed.map(({ action }) => action).join(' ') },
  );
}
