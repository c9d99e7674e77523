import type { JsonObject, LoadUndo, Progress, Sink, SinkTarget, SinkWriter, TargetField } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readTable, requireColumn, type Table } from './catalog/table.ts';
import { findTable, newTableName, tableIn } from './catalog/table-name.ts';
import { uniqueStatement } from './constraints/unique-key.ts';
import type { Connection, Database } from './database.ts';
import { asideSchema, createAsideSchema, dropAside } from './handler/aside.ts';
import { readMark, writeMark } from './handler/marks.ts';
import { quote, quoteQualified } from './identifiers.ts';
import type { JournalTables } from './journal-tables.ts';
import { createImages, planImages } from './row-images/image-table.ts';
import type { PostgresLoadUndo } from './sink/load-undo.ts';
import { takeBack } from './sink/take-back.ts';
import { createTargetStatement, newColumns } from './sink/target-columns.ts';
import { PostgresWriter } from './sink/writer.ts';

const mark = 'load';

/** Writes tables for ETL: by COPY where the target was new or empty, else merged by key with everything kept that was there. */
export class PostgresSink implements Sink {
  private readonly database: Database;
  private readonly tables: JournalTables;

  constructor(database: Database, tables: JournalTables) {
    this.database = database;
    this.tables = tables;
  }

  async plan(target: SinkTarget): Promise<{ undo: PostgresLoadUndo; statements: string[] }> {
    if (target.key.length === 0) {
      throw new PolyshiftError(
        'INVALID_DOCUMENT',
        `The load into ${target.collection} has no key: nothing would make it idempotent.`,
        {
          hint: 'Name the key of the target in the load step.',
        },
      );
    }
    return await this.database.transaction(
      async (connection) => {
        const found = await findTable(connection, target.collection);
        if (!found) return await planNew(connection, target);
        return await planExisting(connection, target, await readTable(connection, target.collection));
      },
      { roll_back: true },
    );
  }

  async open(target: SinkTarget, undo: LoadUndo): Promise<SinkWriter> {
    await this.tables.ensure();
    const plan = undo as PostgresLoadUndo;
    await this.database.transaction((connection) => openTarget(connection, target, plan));
    const opened = await this.database.transaction(async (connection) => {
      if (plan.before === 'filled') return { images: await imagesOf(connection, plan) };
      const name = await tableIn(connection, plan.schema, plan.name);
      return { images: undefined, table: await readTable(connection, name ? `${plan.schema}.${plan.name}` : target.collection) };
    });
    const table = opened.images?.table ?? opened.table!;
    const columns = plan.columns.map((name) => requireColumn(table, name));
    return new PostgresWriter(this.database, { target, undo: plan, table, columns, images: opened.images });
  }

  async *rollback(undo: LoadUndo, loaded: number): AsyncIterable<Progress> {
    const plan = undo as PostgresLoadUndo;
    const done = await this.tables.orNothing(() =>
      this.database.transaction(async (connection) => {
        const detail = await readMark(connection, plan.aside, mark);
        // Never opened, or taken back already.
        if (detail === undefined) return 0;
        const images = plan.before === 'filled' ? await imagesOf(connection, plan) : undefined;
        const rows = await takeBack(connection, plan, Number(detail['oid']), loaded, images);
        await forget(connection, plan.aside);
        return rows;
      }),
    );
    yield { rows_done: done ?? 0, rows_total: done ?? 0 };
  }

  async discard(undo: LoadUndo): Promise<void> {
    await this.tables.orNothing(() => this.database.transaction((connection) => forget(connection, undo.aside)));
  }
}

async function planNew(connection: Connection, target: SinkTarget): Promise<{ undo: PostgresLoadUndo; statements: string[] }> {
  const { schema, name, sql } = await newTableName(connection, target.collection);
  const columns = await newColumns(connection, target);
  const statement = createTargetStatement(sql, columns, target.key);
  // A trial, taken back: the server has the last word on types and key.
  await connection.execute(statement);
  return {
    undo: {
      collection: target.collection,
      before: 'absent',
      aside: target.aside,
      schema,
      name,
      key: [...target.key],
      columns: columns.map((column) => column.name),
    },
    statements: [statement, `COPY ${sql} FROM STDIN`],
  };
}

async function planExisting(
  connection: Connection,
  target: SinkTarget,
  table: Table,
): Promise<{ undo: PostgresLoadUndo; statements: string[] }> {
  if (table.kind !== 'r' && table.kind !== 'p') {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} is no table that rows can be loaded into.`);
  }
  const columns = writtenColumns(target, table);
  const missing = target.key.find((field) => !columns.includes(requireColumn(table, field).name));
  if (missing !== undefined) {
    throw new PolyshiftError('INVALID_DOCUMENT', `The rows do not have the key field ${missing} of ${target.collection}.`);
  }
  const unique = await connection.row<{ fits: boolean }>(uniqueStatement, [table.oid, JSON.stringify(target.key)]);
  if (unique?.fits !== true) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} has no unique index over ${target.key.join(', ')}.`, {
      hint: 'Add one, or name another key in the load step.',
    });
  }
  const filled = await connection.row(`SELECT 1 FROM ${table.sql} LIMIT 1`);
  const conflict = { insert: 'DO NOTHING', ignore: 'DO NOTHING', upsert: 'DO UPDATE' }[target.mode];
  return {
    undo: {
      collection: target.collection,
      before: filled ? 'filled' : 'empty',
      aside: target.aside,
      schema: table.schema,
      name: table.name,
      key: [...target.key],
      columns,
    },
    statements: filled
      ? [
          `CREATE SCHEMA ${quote(asideSchema(target.aside))}`,
          `INSERT INTO ${table.sql} ... ON CONFLICT (${target.key.map(quote).join(', ')}) ${conflict}`,
        ]
      : [`COPY ${table.sql} FROM STDIN`],
  };
}

/** The columns that the batches fill. Throws where the table cannot take them, or would miss one that it must have. */
function writtenColumns(target: SinkTarget, table: Table): string[] {
  const names =
    target.dynamic && target.columns.length === 0
      ? table.columns.filter((column) => writable(column.generated)).map((column) => column.name)
      : target.columns.map((column) => column.name);
  for (const name of names) {
    const { generated } = requireColumn(table, name);
    if (!writable(generated))
      throw new PolyshiftError('INVALID_DOCUMENT', `${name} is computed by ${target.collection} and cannot be loaded.`);
  }
  for (const column of table.columns) {
    if (names.includes(column.name) || column.nullable || column.default !== undefined || column.generated !== undefined)
      continue;
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} must have a value for ${column.name}, which no rule gives.`,
      {
        hint: 'Add a rule for it, or give the column a default.',
      },
    );
  }
  return table.columns.map((column) => column.name).filter((name) => names.includes(name));
}

function writable(generated: string | undefined): boolean {
  return generated !== 'stored' && generated !== 'virtual';
}

/** Makes the target ready, in one transaction with the mark that says so. Idempotent. */
async function openTarget(connection: Connection, target: SinkTarget, plan: PostgresLoadUndo): Promise<void> {
  await connection.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`polyshift load ${plan.aside}`]);
  if ((await readMark(connection, plan.aside, mark)) !== undefined) return;
  const sql = quoteQualified(plan.schema, plan.name);
  const existing = await tableIn(connection, plan.schema, plan.name);
  if (plan.before === 'absent') {
    if (existing)
      throw new PolyshiftError('ALREADY_EXISTS', `${plan.collection} was created by somebody else since the load was planned.`);
    await connection.execute(createTargetStatement(sql, await newColumns(connection, target), target.key));
  } else if (!existing) throw new PolyshiftError('UNKNOWN_COLLECTION', `${plan.collection} is gone since the load was planned.`);
  if (plan.before === 'filled') {
    await createAsideSchema(connection, plan.aside);
    await createImages(connection, plan.aside, await imagesOf(connection, plan));
  }
  const row = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [sql]);
  await writeMark(connection, plan.aside, mark, { oid: row!.oid } satisfies JsonObject);
}

async function imagesOf(connection: Connection, plan: PostgresLoadUndo) {
  const written = plan.columns.filter((name) => !plan.key.includes(name));
  return await planImages(connection, plan.aside, `${plan.schema}.${plan.name}`, written, plan.key);
}

async function forget(connection: Connection, aside: string): Promise<void> {
  await dropAside(connection, aside);
  await connection.rows('DELETE FROM polyshift.load_batches WHERE aside = $1', [aside]);
}
