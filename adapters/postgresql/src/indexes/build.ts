import type { RunContext } from '@polyshift/core';
import { isPolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { checkFence, type Database } from '../database.ts';
import { quote, quoteQualified } from '../identifiers.ts';

/** An index as the server holds it. */
export interface ExistingIndex {
  readonly table: number;
  readonly valid: boolean;
  readonly definition: string;
  /** The constraint that it carries, if any. */
  readonly constraint: string | null;
}

/** Looks for an index in a schema. */
export async function findIndex(connection: Queryable, schema: string, name: string): Promise<ExistingIndex | undefined> {
  return await connection.row<ExistingIndex & Record<string, unknown>>(
    `SELECT i.indrelid AS table, i.indisvalid AS valid, pg_get_indexdef(i.indexrelid) AS definition,
       (SELECT conname FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x')) AS constraint
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
}

/**
 * Builds an index without blocking writes, unless a valid one of this name is there. CREATE INDEX CONCURRENTLY cannot be part of a transaction,
 * and leaves an invalid index behind when it is killed: such a leftover is dropped and built again; after a refusal none is left.
 */
export async function buildConcurrently(
  database: Database,
  run: RunContext,
  place: { schema: string; name: string },
  statement: string,
): Promise<void> {
  await run.guard();
  await checkFenceNow(database, run);
  const existing = await findIndex(database, place.schema, place.name);
  if (existing?.valid) return;
  if (existing) await dropConcurrently(database, run, place);
  await run.fault('index_building');
  try {
    await database.dedicated((connection) => connection.execute(statement));
  } catch (error) {
    if (!isPolyshiftError(error, 'CONNECTION_LOST')) {
      const left = await findIndex(database, place.schema, place.name);
      if (left && !left.valid) await dropConcurrently(database, run, place);
    }
    throw error;
  }
}

/** Drops an index without blocking writes. Idempotent. */
export async function dropConcurrently(
  database: Database,
  run: RunContext,
  place: { schema: string; name: string },
): Promise<void> {
  await run.guard();
  await checkFenceNow(database, run);
  await database.dedicated((connection) =>
    connection.execute(`DROP INDEX CONCURRENTLY IF EXISTS ${quoteQualified(place.schema, place.name)}`),
  );
}

/** The fence of a statement that no transaction can hold: looked at as late as possible. */
async function checkFenceNow(database: Database, run: RunContext): Promise<void> {
  await database.transaction((connection) => checkFence(connection, run.fence));
}

/** A definition as the server prints it, made into a statement that builds without blocking. */
export function concurrently(definition: string): string {
  return definition.replace(
    /^CREATE (UNIQUE )?INDEX /,
    (_all, unique: string | undefined) => `CREATE ${unique ?? ''}INDEX CONCURRENTLY `,
  );
}

/** A definition with another name and table, to compare two by what they do. */
export function definitionBody(definition: string): string {
  return definition.replace(/^(CREATE (?:UNIQUE )?INDEX) .*? (USING )/s, '$1 $2');
}

/** Sets what a definition does not say: comment, and whether the table is clustered by the index or identified by it. */
export function furtherStatements(
  table: string,
  place: { schema: string; name: string },
  kept: { comment?: unknown; clustered?: unknown; replica_identity?: unknown; tablespace?: unknown },
  literal: (text: string) => string,
): string[] {
  const index = quote(place.name);
  return [
    ...(typeof kept.tablespace === 'string'
      ? [`ALTER INDEX ${quoteQualified(place.schema, place.name)} SET TABLESPACE ${quote(kept.tablespace)}`]
      : []),
    ...(typeof kept.comment === 'string'
      ? [`COMMENT ON INDEX ${quoteQualified(place.schema, place.name)} IS ${literal(kept.comment)}`]
      : []),
    ...(kept.clustered === true ? [`ALTER TABLE ${table} CLUSTER ON ${index}`] : []),
    ...(kept.replica_identity === true ? [`ALTER TABLE ${table} REPLICA IDENTITY USING INDEX ${index}`] : []),
  ];
}
