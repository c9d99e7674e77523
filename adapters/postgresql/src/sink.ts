import type { JsonObject, LoadUndo, Progress, Sink, SinkTarget, SinkWriter } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readColumns, readTable, requireColumn } from './catalog/table.ts';
import { findTable, type TableName, tableIn } from './catalog/table-name.ts';
import type { Connection, Database } from './database.ts';
import { createAsideSchema, dropAside } from './handler/aside.ts';
import { readMark, writeMark } from './handler/marks.ts';
import { quoteQualified } from './identifiers.ts';
import type { JournalTables } from './journal-tables.ts';
import { createImages, planImages } from './row-images/image-table.ts';
import { PostgresSinkIndexes } from './sink/indexes.ts';
import type { PostgresLoadUndo } from './sink/load-undo.ts';
import { type LoadPlan, planExisting, planNew } from './sink/plan-load.ts';
import { takeBack } from './sink/take-back.ts';
import { createTargetStatement, newColumns } from './sink/target-columns.ts';
import { PostgresWriter } from './sink/writer.ts';

const mark = 'load';

/** Writes tables for ETL: by COPY where the target was new or empty, else merged by key with everything kept that was there. */
export class PostgresSink implements Sink {
  readonly indexes: PostgresSinkIndexes;
  private readonly database: Database;
  private readonly tables: JournalTables;

  constructor(database: Database, tables: JournalTables) {
    this.database = database;
    this.tables = tables;
    this.indexes = new PostgresSinkIndexes(database);
  }

  async plan(target: SinkTarget): Promise<LoadPlan> {
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
    const { table, images } = await this.database.transaction(async (connection) => {
      const name = await requireTarget(connection, plan);
      if (plan.before !== 'filled') return { images: undefined, table: await readColumns(connection, name) };
      const kept = await imagesOf(connection, plan);
      return { images: kept, table: kept.table };
    });
    const columns = plan.columns.map((name) => requireColumn(table, name));
    return new PostgresWriter(this.database, { target, undo: plan, table, columns, images });
  }

  async *rollback(undo: LoadUndo, loaded: number): AsyncIterable<Progress> {
    const plan = undo as PostgresLoadUndo;
    // Without a journal there was never a load.
    const known = (await this.tables.format()) !== undefined;
    const done = !known
      ? 0
      : await this.database.transaction(async (connection) => {
          const detail = await readMark(connection, plan.aside, mark);
          // Never opened, or taken back already.
          if (detail === undefined) return 0;
          const images = plan.before === 'filled' ? await imagesOf(connection, plan) : undefined;
          const rows = await takeBack(connection, plan, Number(detail['oid']), loaded, images);
          await forget(connection, plan.aside);
          return rows;
        });
    yield { rows_done: done, rows_total: done };
  }

  async discard(undo: LoadUndo): Promise<void> {
    if ((await this.tables.format()) === undefined) return;
    await this.database.transaction((connection) => forget(connection, undo.aside));
  }
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
  } else await requireTarget(connection, plan);
  if (plan.before === 'filled') {
    await createAsideSchema(connection, plan.aside);
    await createImages(connection, plan.aside, await imagesOf(connection, plan));
  }
  const row = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [sql]);
  await writeMark(connection, plan.aside, mark, { oid: row!.oid } satisfies JsonObject);
}

async function imagesOf(connection: Connection, plan: PostgresLoadUndo) {
  const written = plan.columns.filter((name) => !plan.key.includes(name));
  return await planImages(connection, plan.aside, await requireTarget(connection, plan), written, plan.key);
}

async function requireTarget(connection: Connection, plan: PostgresLoadUndo): Promise<TableName> {
  const table = await tableIn(connection, plan.schema, plan.name);
  if (table) return table;
  throw new PolyshiftError('UNKNOWN_COLLECTION', `${plan.collection} is gone since the load was planned.`);
}

async function forget(connection: Connection, aside: string): Promise<void> {
  await dropAside(connection, aside);
  await connection.rows('DELETE FROM polyshift.load_batches WHERE aside = $1', [aside]);
}
