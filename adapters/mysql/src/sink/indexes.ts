import { isDeepStrictEqual } from 'node:util';
import type { IndexPlan, JsonObject, KeptIndex, LoadUndo, RunContext, SinkIndexes, SinkTarget } from '@polyshift/core';
import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import type { TableIndex } from '../catalog/create-statement.ts';
import { describeTable } from '../catalog/describe.ts';
import { readTable, type Table } from '../catalog/table.ts';
import { findTable, tableIn } from '../catalog/table-name.ts';
import type { Connection, Queryable } from '../connection.ts';
import type { Database } from '../database.ts';
import { errorNumber } from '../errors.ts';
import { fencedDdl } from '../handler/marks.ts';
import { literal, quote } from '../identifiers.ts';
import { buildIndex, dropIndex, findIndex, keptIndex } from '../indexes/build.ts';
import { onTrialTable } from '../online-ddl/trial.ts';
import type { MysqlLoadUndo } from './load-undo.ts';

/** How an index is dropped and built where nobody is to wait. */
const online = 'ALGORITHM=INPLACE, LOCK=NONE';

/** What the server answers where an index of the name is there already: ER_DUP_KEYNAME. */
const nameTaken = 1061;

/** The plan for a table that is not there. */
const nothing: IndexPlan = { dropped: [], stays: [], statements: { before: [], after: [] } };

/** The indexes of tables that loads write: dropped and built in place, while everybody writes. */
export class MysqlSinkIndexes implements SinkIndexes {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async plan(target: SinkTarget): Promise<IndexPlan> {
    return await this.database.use(async (connection) => {
      if (!(await findTable(connection, target.collection))) return nothing;
      const table = await readTable(connection, target.collection);
      const kept = await readIndexes(connection, table);
      const served = await servedKeys(connection, table);
      const refused = await refusedOnline(
        connection,
        table,
        table.indexes.filter((index) => whyItStays(index, table, served) === undefined),
      );
      const why = (index: TableIndex): string | undefined =>
        whyItStays(index, table, served) ?? (refused.has(index.name) ? 'cannot be built while others write' : undefined);
      const dropped = table.indexes.filter((index) => why(index) === undefined);
      return {
        dropped: dropped.map(({ name }) => kept.find((each) => each.name === name)!),
        stays: table.indexes.flatMap((index) => {
          const reason = why(index);
          return reason === undefined ? [] : [{ name: index.name, why: reason }];
        }),
        statements: {
          before: dropped.map(({ name }) => `ALTER TABLE ${table.sql} DROP INDEX ${quote(name)}, ${online}`).reverse(),
          after: dropped.map(({ definition }) => `ALTER TABLE ${table.sql} ADD ${definition}, ${online}`),
        },
      };
    });
  }

  async drop(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
    await fencedDdl(this.database, run, async (connection) => {
      const there = await look(connection, undo, index);
      // The columns that are computed for it stay: they cost nothing where nothing reads them.
      if (there === 'whole') await dropIndex(connection, undo.collection, index.name, []);
    });
  }

  async build(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
    await fencedDdl(this.database, run, async (connection) => {
      const before = await look(connection, undo, index);
      if (before === 'gone' || before === 'whole') return;
      if (before === 'other') throw otherIndex(undo, index);
      const columns = (index.definition['columns'] ?? {}) as Record<string, string>;
      const helpers = Object.entries(columns).map(([name, definition]) => ({ name, definition }));
      const sql = String(index.definition['sql']);
      await buildIndex(connection, undo.collection, { name: index.name, sql, helpers }, run).catch((error: unknown) => {
        // The server may still have been at the build of a run that was killed: then it has come first.
        if (!isPolyshiftError(error) || errorNumber(error) !== nameTaken) throw error;
      });
      if ((await look(connection, undo, index)) !== 'whole') throw otherIndex(undo, index);
    });
  }

  async missing(undo: LoadUndo, indexes: readonly KeptIndex[]): Promise<string[]> {
    return await this.database.use(async (connection) => {
      const missing: string[] = [];
      for (const index of indexes) {
        const there = await look(connection, undo, index);
        if (there === 'absent' || there === 'other') missing.push(index.name);
      }
      return missing;
    });
  }
}

/** What is there under the name of an index; `gone` where not even the table is. */
async function look(connection: Connection, undo: LoadUndo, index: KeptIndex): Promise<'whole' | 'absent' | 'other' | 'gone'> {
  const { schema, name } = undo as MysqlLoadUndo;
  const table = await tableIn(connection, schema, name);
  if (!table) return 'gone';
  const { indexes } = await describeTable(connection, table);
  const there = indexes.find((each) => each.name === index.name);
  if (!there) return 'absent';
  return isDeepStrictEqual(there.definition, index.definition) ? 'whole' : 'other';
}

async function readIndexes(connection: Queryable, table: Table): Promise<KeptIndex[]> {
  const { indexes } = await describeTable(connection, table);
  return indexes.map(({ name, definition }) => ({ name, definition: definition as JsonObject }));
}

/** A foreign key, with the columns of this table that it needs an index over. */
interface ServedKey {
  readonly name: string;
  readonly fields: readonly string[];
}

/** The foreign keys from and to a table: the server wants an index for either end. */
async function servedKeys(connection: Queryable, table: Table): Promise<ServedKey[]> {
  const own = table.constraints.filter(({ kind }) => kind === 'foreign_key');
  const others = await connection.rows<{ name: string; owner: string; field: string }>(
    `SELECT constraint_name AS name, CONCAT(table_schema, '.', table_name) AS owner, referenced_column_name AS field
     FROM information_schema.key_column_usage
     WHERE referenced_table_schema = ${literal(table.schema)} AND referenced_table_name = ${literal(table.name)} ORDER BY ordinal_position`,
  );
  const referring = new Map<string, { name: string; fields: string[] }>();
  for (const { owner, name, field } of others) {
    const key = `${owner} ${name}`;
    const known = referring.get(key);
    if (known) known.fields.push(field);
    else referring.set(key, { name, fields: [field] });
  }
  return [...own, ...referring.values()];
}

function whyItStays(index: TableIndex, table: Table, served: readonly ServedKey[]): string | undefined {
  if (index.kind === 'primary') return 'is the primary key';
  if (index.kind === 'unique') return 'keeps rows unique';
  if (index.kind === 'fulltext') return 'is what MATCH searches, which fails without it';
  if (index.kind === 'spatial') return 'cannot be built while others write';
  const key = served.find(
    ({ fields }) =>
      index.parts.length >= fields.length && index.parts.slice(0, fields.length).every(({ field }) => fields.includes(field!)),
  );
  if (key) return `serves the foreign key ${key.name}`;
  const first = table.allColumns.find(({ name }) => name === index.parts[0]!.field);
  if (first?.generated === 'auto_increment') return `leads with the automatic number ${first.name}`;
  return undefined;
}

/** Those of the indexes that an empty copy of the table cannot lose and get again, exactly as they are, without anybody having to wait. */
async function refusedOnline(connection: Connection, table: Table, indexes: readonly TableIndex[]): Promise<Set<string>> {
  const refused = new Set<string>();
  if (indexes.length === 0) return refused;
  await onTrialTable(connection, table.sql, async (trial) => {
    const name = trial.slice(1, -1);
    for (const index of indexes) {
      try {
        await connection.execute(`ALTER TABLE ${trial} DROP INDEX ${quote(index.name)}, ${online}`);
        await connection.execute(`ALTER TABLE ${trial} ADD ${index.definition}, ${online}`);
      } catch (error) {
        if (!isPolyshiftError(error)) throw error;
        refused.add(index.name);
      }
    }
    const after = await readTable(connection, name);
    for (const index of indexes) {
      const built = findIndex(after, index.name);
      if (!built || !isDeepStrictEqual(keptIndex(after, built), keptIndex(table, index))) refused.add(index.name);
    }
  });
  return refused;
}

function otherIndex({ collection }: LoadUndo, { name, definition }: KeptIndex): PolyshiftError {
  return new PolyshiftError(
    'ALREADY_EXISTS',
    `Another index ${name} was made since that of ${collection} was dropped for the load.`,
    {
      hint: `Drop or rename it, then run the same command again: ${String(definition['sql'])}`,
    },
  );
}
