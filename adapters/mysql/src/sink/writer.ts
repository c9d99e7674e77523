import { randomUUID } from 'node:crypto';
import type { Batch, EncodedBatch, RejectedRow, RowBatch, SinkTarget, SinkWriter, WriteResult } from '@polyshift/core';
import { beginAgain, isPolyshiftError } from '@polyshift/core';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { isDataError, isDeadlock } from '../errors.ts';
import { literal, quote } from '../identifiers.ts';
import type { ImageTable } from '../row-images/image-table.ts';
import { type Merged, mergeStage } from '../row-images/merge-stage.ts';
import { copyRows, createStage, fillStage, type RawRows } from '../row-images/stage.ts';
import type { Dialect } from '../server-features.ts';
import { keyToJson } from '../source/bounds.ts';
import { toBatchColumn } from '../source/columns.ts';
import { literalWriter, readExpression } from '../values/literal.ts';
import { BatchEncoder } from './encode-batch.ts';
import { canLoadFile, loadFile } from './load-file.ts';
import type { MysqlLoadUndo } from './load-undo.ts';

/** What a writer works with. */
export interface OpenTarget {
  readonly target: SinkTarget;
  readonly undo: MysqlLoadUndo;
  readonly table: Table;
  /** The columns that are written, in the order of the batches' rows. */
  readonly columns: readonly TableColumn[];
  /** Where a filled target keeps what was there. */
  readonly images: ImageTable | undefined;
}

/** Ends the transaction of a file of which the server has warned. */
const inexact = new Error('the file was not written exactly');

type Counts = { inserted: number; replaced: number; already_there: number; rejected: RejectedRow[] };

/** An open target of a load; several writes may be at work at once, each on a connection of its own. */
export class MysqlWriter implements SinkWriter {
  private readonly database: Database;
  private readonly open: OpenTarget;
  private readonly encoder: BatchEncoder;
  /** Whether rows are tried as a file first. */
  private loadsFiles: boolean;
  private finished: Promise<void> | undefined;

  constructor(database: Database, open: OpenTarget, dialect: Dialect) {
    this.database = database;
    this.open = open;
    this.encoder = new BatchEncoder(open.columns, open.undo.key, open.target.on_loss === 'error', dialect.maxPacket);
    this.loadsFiles = dialect.loadsFiles && canLoadFile(open.columns);
  }

  encode(batch: Batch): EncodedBatch {
    return this.encoder.encode(batch);
  }

  async write(batch: Batch, { replay }: { replay: boolean }): Promise<WriteResult> {
    const rows = (batch as RowBatch).rows as RawRows;
    if (rows.length === 0) return { inserted: 0, replaced: 0, already_there: 0, rejected: [] };
    return await beginAgain(isDeadlock, () => this.writeRows(rows, replay));
  }

  async lookup(batch: Batch): Promise<Batch> {
    const { table, columns } = this.open;
    const rows = (batch as RowBatch).rows as RawRows;
    const list = columns.map((column) => readExpression(column)).join(', ');
    const found =
      rows.length === 0 ? [] : await this.database.values(`SELECT ${list} FROM ${table.sql} WHERE ${this.hasKeyOf(rows)}`);
    return { kind: 'rows', columns: columns.map(toBatchColumn), rows: found };
  }

  async remove(batch: Batch): Promise<void> {
    const rows = (batch as RowBatch).rows as RawRows;
    if (rows.length === 0) return;
    const transaction = async (connection: Connection): Promise<void> => {
      const gone = await connection.execute(`DELETE FROM ${this.open.table.sql} WHERE ${this.hasKeyOf(rows)}`);
      // What is gone is this load's no more: rollback must not take so many rows of others for its own.
      if (!this.open.images) await this.count(connection, -gone);
    };
    await beginAgain(isDeadlock, () => this.database.transaction(transaction));
  }

  async finish(): Promise<void> {
    this.finished ??= this.database.execute(`ANALYZE TABLE ${this.open.table.sql}`).then(() => undefined);
    await this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The connections belong to the session.
  }

  private async writeRows(rows: RawRows, replay: boolean): Promise<WriteResult> {
    const isFresh = !this.open.images && !replay;
    const asFile = isFresh && this.loadsFiles;
    if (isFresh && (await (asFile ? this.loadFile(rows) : this.copy(rows)))) {
      return { inserted: rows.length, replaced: 0, already_there: 0, rejected: [] };
    }
    const merged = await this.merge(rows, replay);
    // What the server had to say of the file was no reason to reject a row, and it would say it again of the next one.
    if (asFile && merged.rejected.length === 0) this.loadsFiles = false;
    return merged;
  }

  /** The fastest way: rows as a file; taken back where that has not written each of them just as an INSERT would. */
  private async loadFile(rows: RawRows): Promise<boolean> {
    const { table, columns } = this.open;
    try {
      await this.database.transaction(async (connection) => {
        if (!(await loadFile(connection, table.sql, columns, rows))) throw inexact;
        await this.count(connection, rows.length);
      });
      return true;
    } catch (error) {
      if (error === inexact || (isPolyshiftError(error) && !error.retryable)) return false;
      throw error;
    }
  }

  /** The fast way into a target that is all this load's: everything or, where a row is refused, nothing. */
  private async copy(rows: RawRows): Promise<boolean> {
    const { table, columns } = this.open;
    try {
      await this.database.transaction(async (connection) => {
        await copyRows(connection, table.sql, columns, rows);
        await this.count(connection, rows.length);
      });
      return true;
    } catch (error) {
      if (isPolyshiftError(error) && isDataError(error.cause)) return false;
      throw error;
    }
  }

  /** The way of a merge, in one transaction: rows that are refused are found by halving, and do not keep the others out. */
  private async merge(rows: RawRows, replay: boolean): Promise<WriteResult> {
    return await this.database.transaction(async (connection) => {
      await createStage(connection, this.open.columns, this.keyColumns());
      const result: Counts = { inserted: 0, replaced: 0, already_there: 0, rejected: [] };
      await this.mergeRange(connection, rows, 0, rows.length, replay, result);
      if (!this.open.images) await this.count(connection, result.inserted);
      result.rejected.sort((left, right) => left.index - right.index);
      return result;
    });
  }

  private async mergeRange(
    connection: Connection,
    rows: RawRows,
    from: number,
    to: number,
    replay: boolean,
    result: Counts,
  ): Promise<void> {
    const { table, columns, images, target } = this.open;
    await connection.execute('SAVEPOINT polyshift_range');
    try {
      await fillStage(connection, columns, rows.slice(from, to), from);
      const merged = await mergeStage(connection, { table, columns, key: this.keyColumns(), images, mode: target.mode, replay });
      await connection.execute('RELEASE SAVEPOINT polyshift_range');
      this.add(result, merged, rows);
      return;
    } catch (error) {
      if (!isPolyshiftError(error) || !isDataError(error.cause)) throw error;
      await connection.execute('ROLLBACK TO SAVEPOINT polyshift_range');
      await connection.execute('RELEASE SAVEPOINT polyshift_range');
      if (to - from === 1) {
        result.rejected.push({ index: from, key: this.keyOf(rows[from]!), code: error.code, message: error.message });
        return;
      }
    }
    const middle = (from + to) >> 1;
    await this.mergeRange(connection, rows, from, middle, replay, result);
    await this.mergeRange(connection, rows, middle, to, replay, result);
  }

  private add(result: Counts, merged: Merged, rows: RawRows): void {
    result.inserted += merged.inserted;
    result.replaced += merged.replaced;
    result.already_there += merged.already_there;
    for (const { n, code, message } of merged.refused)
      result.rejected.push({ index: n, key: this.keyOf(rows[n]!), code, message });
  }

  /** The condition that a row of the table has the key of one of these. */
  private hasKeyOf(rows: RawRows): string {
    const key = this.keyColumns();
    const writers = key.map((column) => literalWriter(column));
    const positions = key.map((column) => this.open.columns.indexOf(column));
    const keys = rows.map((row) => `(${positions.map((position, index) => writers[index]!(row[position]!)).join(', ')})`);
    return `(${key.map((column) => quote(column.name)).join(', ')}) IN (${keys.join(', ')})`;
  }

  private keyColumns(): TableColumn[] {
    const { columns, undo } = this.open;
    return undo.key.map((name) => columns.find((column) => column.name === name)!);
  }

  private keyOf(row: RawRows[number]): RejectedRow['key'] {
    return keyToJson(this.keyColumns().map((column) => row[this.open.columns.indexOf(column)] ?? null));
  }

  /** Counts the rows in the same transaction: how many of the target's rows are this load's is known exactly, whatever is killed. */
  private async count(connection: Connection, rows: number): Promise<void> {
    if (rows === 0) return;
    const name = literal(`${this.open.undo.aside}/${randomUUID()}`);
    await connection.execute(`INSERT INTO polyshift_records VALUES ('batch', ${name}, '${rows}', UTC_TIMESTAMP(6))`);
  }
}
