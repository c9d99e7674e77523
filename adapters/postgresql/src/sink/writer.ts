import type { Batch, EncodedBatch, RejectedRow, RowBatch, SinkTarget, SinkWriter, WriteResult } from '@polyshift/core';
import { beginAgain, isPolyshiftError } from '@polyshift/core';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection, Database } from '../database.ts';
import { isDataError, isDeadlock } from '../errors.ts';
import { quote } from '../identifiers.ts';
import type { ImageTable } from '../row-images/image-table.ts';
import { type Merged, mergeStage } from '../row-images/merge-stage.ts';
import { copyRows, createStage, fillStage } from '../row-images/stage.ts';
import { toBatchColumn } from '../source/columns.ts';
import { BatchEncoder } from './encode-batch.ts';
import type { PostgresLoadUndo } from './load-undo.ts';

/** What a writer works with. */
export interface OpenTarget {
  readonly target: SinkTarget;
  readonly undo: PostgresLoadUndo;
  readonly table: Table;
  /** The columns that are written, in the order of the batches' rows. */
  readonly columns: readonly TableColumn[];
  /** Where a filled target keeps what was there. */
  readonly images: ImageTable | undefined;
}

type Texts = readonly (readonly (string | null)[])[];

/** An open target of a load; several writes may be at work at once, each on a connection of its own. */
export class PostgresWriter implements SinkWriter {
  private readonly database: Database;
  private readonly open: OpenTarget;
  private readonly encoder: BatchEncoder;
  private finished: Promise<void> | undefined;

  constructor(database: Database, open: OpenTarget) {
    this.database = database;
    this.open = open;
    this.encoder = new BatchEncoder(open.columns, open.undo.key, open.target.on_loss === 'error');
  }

  encode(batch: Batch): EncodedBatch {
    return this.encoder.encode(batch);
  }

  async write(batch: Batch, { replay }: { replay: boolean }): Promise<WriteResult> {
    const rows = (batch as RowBatch).rows as Texts;
    if (rows.length === 0) return { inserted: 0, replaced: 0, already_there: 0, rejected: [] };
    return await beginAgain(isDeadlock, () => this.writeRows(rows, replay));
  }

  async lookup(batch: Batch): Promise<Batch> {
    const { table, columns } = this.open;
    const { wanted, joined, parameters } = this.wantedKeys(batch);
    const found = await this.database.texts(
      `SELECT ${columns.map((column) => `t.${quote(column.name)}`).join(', ')} FROM ${wanted} JOIN ${table.sql} AS t ON ${joined}`,
      parameters,
    );
    return { kind: 'rows', columns: columns.map(toBatchColumn), rows: found };
  }

  async remove(batch: Batch): Promise<void> {
    const { wanted, joined, parameters } = this.wantedKeys(batch);
    const transaction = async (connection: Connection): Promise<void> => {
      const gone = await connection.rows(
        `DELETE FROM ${this.open.table.sql} AS t USING ${wanted} WHERE ${joined} RETURNING 1`,
        parameters,
      );
      if (!this.open.images) await this.count(connection, -gone.length);
    };
    await beginAgain(isDeadlock, () => this.database.transaction(transaction));
  }

  async finish(): Promise<void> {
    this.finished ??= this.database.execute(`ANALYZE ${this.open.table.sql}`).then(() => undefined);
    await this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The connections belong to the session.
  }

  private async writeRows(rows: Texts, replay: boolean): Promise<WriteResult> {
    if (!this.open.images && !replay) {
      const copied = await this.copy(rows);
      if (copied) return copied;
    }
    return await this.merge(rows, replay);
  }

  /** The fast way into a target that is all this load's: everything or, where a row is refused, nothing. */
  private async copy(rows: Texts): Promise<WriteResult | undefined> {
    const { table, columns } = this.open;
    try {
      await this.database.transaction(async (connection) => {
        await copyRows(connection, table.sql, columns, rows);
        await this.count(connection, rows.length);
      });
      return { inserted: rows.length, replaced: 0, already_there: 0, rejected: [] };
    } catch (error) {
      if (isPolyshiftError(error) && isDataError(error)) return undefined;
      throw error;
    }
  }

  /** The way of a merge, in one transaction: rows that are refused are found by halving, and do not keep the others out. */
  private async merge(rows: Texts, replay: boolean): Promise<WriteResult> {
    return await this.database.transaction(async (connection) => {
      await createStage(connection, this.open.columns, this.keyColumns());
      const result = { inserted: 0, replaced: 0, already_there: 0, rejected: [] as RejectedRow[] };
      await this.mergeRange(connection, rows, 0, rows.length, replay, result);
      if (!this.open.images) await this.count(connection, result.inserted);
      result.rejected.sort((left, right) => left.index - right.index);
      return result;
    });
  }

  private async mergeRange(
    connection: Connection,
    rows: Texts,
    from: number,
    to: number,
    replay: boolean,
    result: { inserted: number; replaced: number; already_there: number; rejected: RejectedRow[] },
  ): Promise<void> {
    const { table, columns, images, target } = this.open;
    const key = this.keyColumns();
    await connection.execute('SAVEPOINT polyshift_range');
    try {
      await fillStage(connection, rows.slice(from, to), from);
      const merged = await mergeStage(connection, { table, columns, key, images, mode: target.mode, replay });
      await connection.execute('RELEASE SAVEPOINT polyshift_range');
      this.add(result, merged, rows);
      return;
    } catch (error) {
      if (!isPolyshiftError(error) || !isDataError(error)) throw error;
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

  private add(
    result: { inserted: number; replaced: number; already_there: number; rejected: RejectedRow[] },
    merged: Merged,
    rows: Texts,
  ): void {
    result.inserted += merged.inserted;
    result.replaced += merged.replaced;
    result.already_there += merged.already_there;
    for (const { n, code, message } of merged.refused)
      result.rejected.push({ index: n, key: this.keyOf(rows[n]!), code, message });
  }

  /** The keys of a batch as a relation `w` to join the table `t` with. */
  private wantedKeys(batch: Batch): { wanted: string; joined: string; parameters: (string | null)[][] } {
    const { columns, undo } = this.open;
    const key = undo.key.map((name) => columns.findIndex((column) => column.name === name));
    const rows = (batch as RowBatch).rows as Texts;
    const list = key.map((position, index) => `($${index + 1}::text[])[g]::${columns[position]!.storage} AS k${index + 1}`);
    return {
      wanted: `(SELECT ${list.join(', ')} FROM generate_series(1, ${rows.length}) AS g) AS w`,
      joined: key.map((position, index) => `t.${quote(columns[position]!.name)} = w.k${index + 1}`).join(' AND '),
      parameters: key.map((position) => rows.map((row) => row[position]!)),
    };
  }

  private keyColumns(): TableColumn[] {
    const { columns, undo } = this.open;
    return undo.key.map((name) => columns.find((column) => column.name === name)!);
  }

  private keyOf(row: readonly (string | null)[]): (string | null)[] {
    const { columns, undo } = this.open;
    return undo.key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null);
  }

  /** Counts the rows in the same transaction, less than none where they are removed: how many of the target's rows are this load's is known exactly, whatever is killed. */
  private async count(connection: Connection, rows: number): Promise<void> {
    if (rows !== 0)
      await connection.rows('INSERT INTO polyshift.load_batches (aside, rows) VALUES ($1, $2)', [this.open.undo.aside, rows]);
  }
}
