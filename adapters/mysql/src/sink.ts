import type { LoadUndo, Progress, Sink, SinkTarget, SinkWriter } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { readDefinition, requireColumn, type Table } from './catalog/table.ts';
import { findTable, tableIn } from './catalog/table-name.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { dropAside } from './handler/aside.ts';
import { readMark, writeMark } from './handler/marks.ts';
import { literal, quoteQualified } from './identifiers.ts';
import type { JournalTables } from './journal-tables.ts';
import { createImages, type ImageTable, imageTableName, planImages } from './row-images/image-table.ts';
import type { Dialect } from './server-features.ts';
import { MysqlSinkIndexes } from './sink/indexes.ts';
import type { MysqlLoadUndo } from './sink/load-undo.ts';
import { type LoadPlan, planExisting, planNew } from './sink/plan-load.ts';
import { takeBackAll, takeBackFilled } from './sink/take-back.ts';
import { createTargetStatement, newColumns } from './sink/target-columns.ts';
import { MysqlWriter } from './sink/writer.ts';

const mark = 'load';

/** Writes tables for ETL: straight in where the target was new or empty, else merged by key with everything kept that was there. */
export class MysqlSink implements Sink {
  readonly indexes: MysqlSinkIndexes;
  private readonly database: Database;
  private readonly tables: JournalTables;
  private readonly dialect: Dialect;

  constructor(database: Database, tables: JournalTables, dialect: Dialect) {
    this.database = database;
    this.tables = tables;
    this.dialect = dialect;
    this.indexes = new MysqlSinkIndexes(database);
  }

  async plan(target: SinkTarget): Promise<LoadPlan> {
    if (target.key.length === 0) {
      throw new PolyshiftError(
        'INVALID_DOCUMENT',
        `The load into ${target.collection} has no key: nothing would make it idempotent.`,
        { hint: 'Name the key of the target in the load step.' },
      );
    }
    return await this.database.use(async (connection) => {
      const found = await findTable(connection, target.collection);
      return found ? await planExisting(connection, target) : await planNew(connection, target, this.dialect);
    });
  }

  async open(target: SinkTarget, undo: LoadUndo): Promise<SinkWriter> {
    await this.tables.ensure();
    const plan = undo as MysqlLoadUndo;
    return await this.database.use(async (connection) => {
      await this.openTarget(connection, target, plan);
      const images = plan.before === 'filled' ? await imagesOf(connection, plan) : undefined;
      const table = images?.table ?? (await requireTarget(connection, plan));
      const columns = plan.columns.map((name) => requireColumn(table, name));
      return new MysqlWriter(this.database, { target, undo: plan, table, columns, images }, this.dialect);
    });
  }

  async *rollback(undo: LoadUndo, loaded: number): AsyncIterable<Progress> {
    const plan = undo as MysqlLoadUndo;
    const done = await this.takeBack(plan, loaded);
    yield { rows_done: done, rows_total: done };
  }

  async discard(undo: LoadUndo): Promise<void> {
    if ((await this.tables.format()) === undefined) return;
    await this.database.use((connection) => forget(connection, undo.aside));
  }

  /** Makes the target ready, between a mark that says it was begun and one that says it is done. Idempotent. */
  private async openTarget(connection: Connection, target: SinkTarget, plan: MysqlLoadUndo): Promise<void> {
    const state = await readMark(connection, plan.aside, mark);
    if (state?.['done'] === true) return;
    const existing = await tableIn(connection, plan.schema, plan.name);
    if (plan.before === 'absent' && existing && state === undefined) {
      throw new PolyshiftError('ALREADY_EXISTS', `${plan.collection} was created by somebody else since the load was planned.`);
    }
    await writeMark(connection, plan.aside, mark, { done: false });
    if (plan.before === 'absent') {
      const columns = await newColumns(connection, target, this.dialect);
      await connection.execute(createTargetStatement(quoteQualified(plan.schema, plan.name), columns, target.key));
    } else if (plan.before === 'filled') await createImages(connection, await imagesOf(connection, plan));
    else await requireTarget(connection, plan);
    await writeMark(connection, plan.aside, mark, { done: true });
  }

  private async takeBack(plan: MysqlLoadUndo, loaded: number): Promise<number> {
    // Without a journal there was never a load; without a mark it was never opened, or is taken back already.
    if ((await this.tables.format()) === undefined) return 0;
    if ((await readMark(this.database, plan.aside, mark)) === undefined) return 0;
    let done: number;
    if (plan.before === 'filled') {
      const images = await this.database.use((connection) => imagesOf(connection, plan));
      await this.database.use((connection) => createImages(connection, images));
      done = await takeBackFilled(this.database, plan, images);
    } else done = await takeBackAll(this.database, plan, Math.max(await this.written(plan.aside), loaded));
    await this.database.use((connection) => forget(connection, plan.aside));
    return done;
  }

  /** The batches count what they wrote in their own transactions; what the caller counted may miss the last one before a kill. */
  private async written(aside: string): Promise<number> {
    const row = await this.database.row<{ rows: string | null }>(
      `SELECT SUM(CAST(record AS SIGNED)) AS \`rows\` FROM polyshift_records WHERE ${batchesOf(aside)}`,
    );
    return Number(row?.rows ?? 0);
  }
}

async function imagesOf(connection: Connection, plan: MysqlLoadUndo): Promise<ImageTable> {
  await requireTarget(connection, plan);
  const written = plan.columns.filter((name) => !plan.key.includes(name));
  return await planImages(connection, plan.aside, plan.collection, written, plan.key);
}

async function requireTarget(connection: Connection, plan: MysqlLoadUndo): Promise<Table> {
  const table = await tableIn(connection, plan.schema, plan.name);
  if (table) return await readDefinition(connection, table);
  throw new PolyshiftError('UNKNOWN_COLLECTION', `${plan.collection} is gone since the load was planned.`);
}

async function forget(connection: Connection, aside: string): Promise<void> {
  await connection.execute(`DELETE FROM polyshift_records WHERE ${batchesOf(aside)}`);
  await dropAside(connection, aside, imageTableName);
}

function batchesOf(aside: string): string {
  return `kind = 'batch' AND LEFT(name, ${[...aside].length + 1}) = ${literal(`${aside}/`)}`;
}
