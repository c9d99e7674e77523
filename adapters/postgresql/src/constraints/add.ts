import { isPolyshiftError, PolyshiftError, type RunContext } from '@polyshift/core';
import { readTable, requireColumn, type Table } from '../catalog/table.ts';
import type { Database } from '../database.ts';
import type { HandlerContext } from '../handler/context.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { readNotNull } from '../handler/not-null.ts';
import { cutIdentifier, quote } from '../identifiers.ts';
import { buildConcurrently } from '../indexes/build.ts';
import { findConstraint } from './existing.ts';

/**
 * Adds a check or foreign key in two steps: NOT VALID, which binds new rows from a short lock on, and VALIDATE, which looks at the old ones
 * while everybody writes on. Each step does nothing where it is done already.
 */
export async function addThenValidate(
  database: Database,
  run: RunContext,
  collection: string,
  name: string,
  definition: string,
): Promise<void> {
  const table = await tableOf(database, collection);
  await ddlTransaction(database, run, async (connection) => {
    if (await findConstraint(connection, table.oid, name)) return;
    await connection.execute(`ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} ${definition} NOT VALID`);
  });
  await run.fault('constraint_added');
  await validate(database, run, table, name);
}

/** Looks at the rows that were there before the constraint. Idempotent. */
export async function validate(
  database: Database,
  run: RunContext,
  table: Pick<Table, 'oid' | 'sql'>,
  name: string,
): Promise<void> {
  await ddlTransaction(database, run, async (connection) => {
    const constraint = await findConstraint(connection, table.oid, name);
    if (!constraint || constraint.validated) return;
    await connection.execute(`ALTER TABLE ${table.sql} VALIDATE CONSTRAINT ${quote(name)}`);
  });
}

/** Adds a unique or primary key: the index is built while everybody writes, and then becomes the constraint. `suffix`: DEFERRABLE and the like. */
export async function addKey(
  database: Database,
  run: RunContext,
  collection: string,
  key: { name: string; type: 'UNIQUE' | 'PRIMARY KEY'; index: string; suffix?: string },
): Promise<void> {
  const table = await tableOf(database, collection);
  if (await database.transaction((connection) => findConstraint(connection, table.oid, key.name))) return;
  await buildConcurrently(database, run, { schema: table.schema, name: key.name }, key.index);
  await run.fault('index_built');
  await ddlTransaction(database, run, async (connection) => {
    if (await findConstraint(connection, table.oid, key.name)) return;
    await connection.execute(
      `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(key.name)} ${key.type} USING INDEX ${quote(key.name)}${key.suffix ?? ''}`,
    );
  });
}

/**
 * Makes a column NOT NULL without a scan under an exclusive lock: by a constraint that is added NOT VALID and then validated. Where the
 * server keeps not-null constraints by name that is the constraint itself; elsewhere it is a check for the time of the change.
 */
export async function addNotNull(
  context: HandlerContext,
  run: RunContext,
  collection: string,
  field: string,
  name: string,
): Promise<void> {
  const { database, features } = context;
  if (features['not_null_constraints']) {
    await addThenValidate(database, run, collection, name, `NOT NULL ${quote(field)}`);
    return;
  }
  const table = await tableOf(database, collection);
  const column = requireColumn(table, field);
  if ((await readNotNull(database, table.oid, column.number)) === undefined) {
    const helper = notNullHelper(run);
    await addThenValidate(database, run, collection, helper, `CHECK (${quote(field)} IS NOT NULL)`);
    await ddlTransaction(database, run, (connection) =>
      connection.execute(`ALTER TABLE ${table.sql} ALTER COLUMN ${quote(field)} SET NOT NULL`),
    );
  }
  await dropConstraintIfThere(database, run, collection, notNullHelper(run));
}

/** The name of the check that stands in while a column becomes NOT NULL. */
export function notNullHelper(run: Pick<RunContext, 'aside'>): string {
  return cutIdentifier(`polyshift_not_null_${run.aside}`);
}

/** Drops a constraint where it exists. */
export async function dropConstraintIfThere(
  database: Database,
  run: RunContext,
  collection: string,
  name: string,
): Promise<void> {
  await ddlTransaction(database, run, async (connection) => {
    const table = await readTable(connection, collection);
    await connection.execute(`ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${quote(name)}`);
  });
}

/** An error of rows that break a constraint which rollback brings back, as what it is: written since. */
export function asWrittenSince(error: unknown, what: string): unknown {
  if (!isPolyshiftError(error, 'CONSTRAINT_VIOLATED') && !isPolyshiftError(error, 'DUPLICATE_KEY')) return error;
  return new PolyshiftError('WRITTEN_SINCE', `Rows written since ${what} was dropped break it: ${error.message}`, {
    hint: 'Correct or remove these rows, then roll back again.',
    cause: error,
  });
}

async function tableOf(database: Database, collection: string): Promise<Table> {
  return await database.transaction((connection) => readTable(connection, collection));
}
