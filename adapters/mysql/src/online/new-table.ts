import { createHash } from 'node:crypto';
import type { Operation, OperationHandler, OperationHandlers, RunContext } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { deleteMarks } from '../handler/marks.ts';
import { cutIdentifier, quote } from '../identifiers.ts';
import { buildMapping } from './build-mapping.ts';
import { makeParts } from './make-parts.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames, OnlineUndo } from './names.ts';
import { changesOf } from './parts.ts';
import { referenceOf, referring } from './reference.ts';
import { isSelfKey, putSelfKeysOff } from './self-keys.ts';

/** What every part of an online change works with. */
export interface OnlineWork {
  readonly database: Database;
  readonly handlers: OperationHandlers;
  readonly operation: Operation<'online_change'>;
  readonly undo: OnlineUndo;
  readonly names: OnlineNames;
}

/**
 * Makes the new version, empty, from nothing: a table like the old one, on which the handlers of the operations do what they always do; gives how
 * rows of the two belong together. What an earlier attempt has left is dropped: nobody uses it yet.
 */
export async function makeNewTable(work: OnlineWork, run: RunContext): Promise<Mapping> {
  const { database, operation, undo, names } = work;
  const inner = changesOf(operation);
  await database.use(async (connection) => {
    await connection.execute(`DROP TABLE IF EXISTS ${names.new}`);
    for (const index of inner.keys()) await deleteMarks(connection, innerAside(run, index));
  });
  await run.fault('old_attempt_dropped');
  const old = await readTable(database, operation.collection);
  const renamed = await database.use((connection) => createLike(connection, old, names, undo.new_collection));
  await run.fault('table_created');
  const stages = [await readTable(database, undo.new_collection)];
  for (const [index, each] of inner.entries()) {
    await run.guard();
    await apply(work, withNames(each, undo.new_collection, renamed), innerRun(run, index));
    stages.push(await readTable(database, undo.new_collection));
  }
  const mapping = buildMapping(operation, old, stages);
  await database.use(async (connection) => {
    await putSelfKeysOff(work, connection, run);
    for (const index of inner.keys()) await deleteMarks(connection, innerAside(run, index));
  });
  const parts = await makeParts(work, mapping, old, run);
  return parts.length === 0 ? mapping : { ...mapping, parts };
}

/** Rows of an operation are the copy's business; the rest its handler does, on the table while it is empty. */
async function apply({ handlers }: OnlineWork, operation: Operation, run: RunContext): Promise<void> {
  if (operation.type === 'migrate_data') return;
  const handler = handlers[operation.type] as OperationHandler | undefined;
  if (!handler) throw new PolyshiftError('ONLINE_REFUSED', `${operation.type} has no handler here.`);
  const undo = await handler.prepare(operation, run);
  for await (const _progress of handler.execute(operation, undo, run));
  await handler.discard(operation, undo, run);
}

/** Creates the table with what CREATE TABLE ... LIKE leaves out; gives the constraints that had to take another name, by their old one. */
async function createLike(
  connection: Connection,
  old: Table,
  names: OnlineNames,
  collection: string,
): Promise<ReadonlyMap<string, string>> {
  await connection.execute(`CREATE TABLE ${names.new} LIKE ${names.old}`);
  const fresh = await readTable(connection, collection);
  const changes: string[] = [];
  const renamed = new Map<string, string>();
  const copies = fresh.constraints.filter(({ kind }) => kind === 'check');
  for (const [index, check] of old.constraints.filter(({ kind }) => kind === 'check').entries()) {
    const copy = copies[index];
    // Where names of checks are the table's own they are kept; else the copy has a number, and an automatic one follows a rename.
    if (!copy || copy.name === check.name) continue;
    if (new RegExp(`^${escapeRegExp(old.name)}_chk_\\d+$`).test(check.name)) {
      renamed.set(check.name, copy.name);
      continue;
    }
    const name = otherName(check.name, names);
    renamed.set(check.name, name);
    changes.push(`DROP CONSTRAINT ${quote(copy.name)}`, `ADD ${named(copy.definition, name)}`);
  }
  for (const foreign of old.constraints.filter(({ kind }) => kind === 'foreign_key')) {
    const name = otherName(foreign.name, names);
    renamed.set(foreign.name, name);
    const { columns } = referenceOf(foreign.definition);
    const own = isSelfKey(old, foreign.definition);
    changes.push(
      `ADD ${own ? referring(foreign.definition, { name, table: names.new, columns }) : named(foreign.definition, name)}`,
    );
  }
  const [shown] = await connection.values(`SHOW CREATE TABLE ${names.old}`);
  const next = / AUTO_INCREMENT=(\d+)/.exec(String(shown![1]).slice(String(shown![1]).lastIndexOf('\n)')))?.[1];
  if (next !== undefined) changes.push(`AUTO_INCREMENT=${next}`);
  if (changes.length > 0) await connection.execute(`ALTER TABLE ${names.new} ${changes.join(', ')}`);
  return renamed;
}

/** The operation on the new version, where a constraint may have another name. */
function withNames(operation: Operation, collection: string, renamed: ReadonlyMap<string, string>): Operation {
  const moved = { ...operation, collection } as Operation;
  // Values are the copy's business, and the expression may name the table by its own name.
  if (moved.type === 'change_type') return { ...moved, data: { field_name: moved.data.field_name, to: moved.data.to } };
  if (moved.type === 'add_constraint') return pointingToItself(moved, operation.collection);
  if (moved.type !== 'drop_constraint') return moved;
  const { name } = moved.data;
  return { ...moved, data: { ...moved.data, name: renamed.get(name) ?? name } };
}

/** A foreign key to the table itself points to the same version. */
function pointingToItself(operation: Operation<'add_constraint'>, table: string): Operation {
  const { constraint } = operation.data;
  if (constraint.kind !== 'foreign_key' || constraint.references.collection !== table) return operation;
  const references = { ...constraint.references, collection: operation.collection };
  return { ...operation, data: { ...operation.data, constraint: { ...constraint, references } } };
}

/** Names of checks and foreign keys belong to the whole database: the new version cannot have the same. */
function otherName(name: string, { new: table }: OnlineNames): string {
  const suffix = `_${createHash('sha256').update(table).digest('hex').slice(0, 6)}`;
  return `${cutIdentifier(name, 64 - suffix.length)}${suffix}`;
}

function named(definition: string, name: string): string {
  return definition.replace(/^CONSTRAINT\s+`(?:[^`]|``)*`/i, () => `CONSTRAINT ${quote(name)}`);
}

function innerAside(run: RunContext, index: number): string {
  return `${createHash('sha256').update(run.aside).digest('hex').slice(0, 16)}_${index}`;
}

/** The run of an operation within: what it keeps for its way back is dropped at once, since the way back is the old version. */
function innerRun(run: RunContext, index: number): RunContext {
  return {
    ...run,
    aside: innerAside(run, index),
    checkpoint: undefined,
    save: async () => undefined,
    guard: () => run.guard(),
    fault: (place) => run.fault(`inner_${place}`),
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
