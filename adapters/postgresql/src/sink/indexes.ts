import { isDeepStrictEqual } from 'node:util';
import type { IndexPlan, JsonObject, KeptIndex, LoadUndo, RunContext, SinkIndexes, SinkTarget } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { describeTable } from '../catalog/describe.ts';
import { findTable, type TableName, tableIn } from '../catalog/table-name.ts';
import type { Connection, Database } from '../database.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { literal, quoteQualified } from '../identifiers.ts';
import { buildConcurrently, concurrently, findIndex, furtherStatements } from '../indexes/build.ts';
import type { PostgresLoadUndo } from './load-undo.ts';

/** An index with what the catalog says beside its definition. */
interface FoundIndex {
  readonly kept: KeptIndex;
  /** Why it stays; null where it can be dropped. */
  readonly why: string | null;
}

/** What `factsStatement` says of an index. */
type Facts = {
  readonly name: string;
  readonly why: string | null;
  /** Whether values of its keys are computed. */
  readonly computed: boolean;
  /** Numbers of columns with their targets of statistics, where they are not the usual ones. */
  readonly statistics: number[][] | null;
};

/**
 * Why an index stays, and the targets of statistics of its own columns. A foreign key needs no index here, but without one each change of the other
 * table reads all of this one.
 */
const factsStatement = `
SELECT c.relname AS name,
  CASE
    WHEN NOT (i.indisvalid AND i.indisready) THEN 'is not valid as it is: REINDEX it'
    WHEN i.indisprimary THEN 'is the primary key'
    WHEN con.conname IS NOT NULL THEN 'carries the constraint ' || con.conname
    WHEN i.indisunique THEN 'keeps rows unique'
    WHEN t.relkind = 'p' OR c.relispartition THEN 'belongs to a partitioned table, whose indexes are not built while others write'
    WHEN c.reltablespace <> 0 THEN 'has a tablespace of its own, into which it could not be moved while others use it'
    WHEN fk.conname IS NOT NULL THEN 'serves the foreign key ' || fk.conname
    WHEN EXISTS (SELECT FROM pg_depend d WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
      OR (d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'x'))) THEN 'is tied to other objects of the database'
  END AS why,
  i.indexprs IS NOT NULL AS computed,
  (SELECT json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum) FROM pg_attribute a
   WHERE a.attrelid = c.oid AND a.attstattarget >= 0) AS statistics
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_constraint con ON con.conindid = c.oid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN LATERAL (SELECT k.conname FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'f' AND i.indnkeyatts >= cardinality(k.conkey)
  AND k.conkey <@ (i.indkey[0:cardinality(k.conkey) - 1])::int2[] ORDER BY k.conname LIMIT 1) AS fk ON true
WHERE i.indrelid = $1`;

/** The indexes of tables that loads write: dropped in a transaction that holds the fence, and built with CONCURRENTLY. */
export class PostgresSinkIndexes implements SinkIndexes {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async plan(target: SinkTarget): Promise<IndexPlan> {
    const found = await this.database.transaction(
      async (connection) => {
        const table = await findTable(connection, target.collection);
        return table ? { schema: table.schema, indexes: await readIndexes(connection, table) } : undefined;
      },
      { read_only: true },
    );
    const dropped = found?.indexes.flatMap(({ kept, why }) => (why === null ? [kept] : [])) ?? [];
    return {
      dropped,
      stays: found?.indexes.flatMap(({ kept, why }) => (why === null ? [] : [{ name: kept.name, why }])) ?? [],
      statements: {
        before: dropped.map(({ name }) => `DROP INDEX ${quoteQualified(found!.schema, name)}`).reverse(),
        after: dropped.map((kept) => concurrently(sqlOf(kept))),
      },
    };
  }

  async drop(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
    const { schema, name } = undo as PostgresLoadUndo;
    await ddlTransaction(this.database, run, async (connection) => {
      const table = await tableIn(connection, schema, name);
      if (!table) return;
      const there = (await readIndexes(connection, table)).find(({ kept }) => kept.name === index.name);
      // What a build that was killed has left goes, too: an index that is not valid can still cost every write.
      if (there && doesTheSame(there.kept, index))
        await connection.execute(`DROP INDEX IF EXISTS ${quoteQualified(schema, index.name)}`);
    });
  }

  async build(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
    const plan = undo as PostgresLoadUndo;
    const place = { schema: plan.schema, name: index.name };
    const before = await this.look(plan, index);
    if (!before || before.is === 'whole') return;
    if (before.is === 'other') throw otherIndex(plan, index);
    await buildConcurrently(this.database, run, place, concurrently(sqlOf(index)));
    await ddlTransaction(this.database, run, async (connection) => {
      for (const statement of furtherStatements(before.table.sql, place, index.definition, literal)) {
        await connection.execute(statement);
      }
      for (const [column, target] of statisticsOf(index)) {
        await connection.execute(
          `ALTER INDEX ${quoteQualified(place.schema, place.name)} ALTER COLUMN ${column} SET STATISTICS ${target}`,
        );
      }
    });
    // The planner knows nothing of expressions until somebody looks at the rows.
    if (index['computed'] === true) await this.database.execute(`ANALYZE ${before.table.sql}`);
    const after = await this.look(plan, index);
    if (after && after.is !== 'whole') throw otherIndex(plan, index);
  }

  async missing(undo: LoadUndo, indexes: readonly KeptIndex[]): Promise<string[]> {
    const { schema, name } = undo as PostgresLoadUndo;
    return await this.database.transaction(
      async (connection) => {
        const table = await tableIn(connection, schema, name);
        if (!table) return [];
        const there = await readIndexes(connection, table);
        return indexes
          .filter((index) => !there.some(({ kept }) => isDeepStrictEqual(kept, { ...index })))
          .map((index) => index.name);
      },
      { read_only: true },
    );
  }

  /** What is there under the name of an index; undefined where its table is gone. */
  private async look(
    { schema, name }: PostgresLoadUndo,
    index: KeptIndex,
  ): Promise<{ table: TableName; is: 'whole' | 'partial' | 'absent' | 'other' } | undefined> {
    return await this.database.transaction(
      async (connection) => {
        const table = await tableIn(connection, schema, name);
        if (!table) return undefined;
        const there = (await readIndexes(connection, table)).find(({ kept }) => kept.name === index.name)?.kept;
        if (!there) {
          // Names of indexes are those of the schema: another table's may have it now.
          return { table, is: (await findIndex(connection, schema, index.name)) ? 'other' : 'absent' };
        }
        if (isDeepStrictEqual(there, { ...index })) return { table, is: 'whole' };
        return { table, is: doesTheSame(there, index) ? 'partial' : 'other' };
      },
      { read_only: true },
    );
  }
}

/** All indexes of a table. Must run inside a transaction. */
async function readIndexes(connection: Connection, table: TableName): Promise<FoundIndex[]> {
  const { indexes } = await describeTable(connection, table);
  const facts = await connection.rows<Facts>(factsStatement, [table.oid]);
  return indexes.map(({ name, definition }) => {
    const { why, computed, statistics } = facts.find((each) => each.name === name)!;
    const more = { ...(computed ? { computed } : {}), ...(statistics === null ? {} : { statistics }) };
    return { why, kept: { name, definition: definition as JsonObject, ...more } };
  });
}

function sqlOf({ definition }: KeptIndex): string {
  return String(definition['sql']);
}

function statisticsOf(index: KeptIndex): number[][] {
  return (index['statistics'] ?? []) as number[][];
}

/** Whether the server prints two indexes alike: comment, statistics and being valid left aside. */
function doesTheSame(left: KeptIndex, right: KeptIndex): boolean {
  return sqlOf(left) === sqlOf(right);
}

function otherIndex({ collection }: PostgresLoadUndo, { name, definition }: KeptIndex): PolyshiftError {
  return new PolyshiftError(
    'ALREADY_EXISTS',
    `Another index ${name} was made since that of ${collection} was dropped for the load.`,
    {
      hint: `Drop or rename it, then run the same command again: ${String(definition['sql'])}`,
    },
  );
}
