import type {
  Conditions,
  JsonValue,
  Partition,
  ReadOptions,
  RowBatch,
  SourceBatch,
  SourceDescription,
  SourceScan,
} from '@polyshift/core';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { compileConditions } from '../conditions.ts';
import { Connection, type Database } from '../database.ts';
import { toPolyshiftError } from '../errors.ts';
import { quote, quoteList } from '../identifiers.ts';
import { type Bind, bindLiterals, Parameters } from '../parameters.ts';
import { compareKey, toBounds, toKey } from './bounds.ts';
import { toBatchColumn } from './columns.ts';
import { readCopy, type TextRow } from './copy-rows.ts';
import { boundaries, isCheaplyCut } from './partitions.ts';

/** What a scan reads, worked out from the query and the table. */
export interface ScanPlan {
  readonly table: Table;
  /** The columns that are given. */
  readonly columns: readonly TableColumn[];
  /** These and, behind them, the key's columns that are missing among them. */
  readonly selected: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** Whether the key is unique and never null. */
  readonly resumable: boolean;
  readonly conditions: Conditions | undefined;
}

/** One snapshot of a table, read through as many connections as there are readers. */
export class PostgresScan implements SourceScan {
  readonly description: SourceDescription;
  private readonly database: Database;
  private readonly holder: Client;
  private readonly snapshot: string;
  private readonly plan: ScanPlan;

  /** @param holder The connection whose open transaction keeps the snapshot alive. */
  constructor(database: Database, holder: Client, snapshot: string, plan: ScanPlan) {
    this.database = database;
    this.holder = holder;
    this.snapshot = snapshot;
    this.plan = plan;
    this.description = {
      columns: plan.columns.map(toBatchColumn),
      dynamic: false,
      key: plan.key.map((column) => column.name),
      approximate_count: plan.conditions && Object.keys(plan.conditions).length > 0 ? undefined : plan.table.approximateCount,
    };
  }

  async count(): Promise<number> {
    const parameters = new Parameters();
    const where = this.where(parameters.bind);
    const row = await new Connection(this.holder).row<{ count: string }>(
      `SELECT count(*) AS count FROM ${this.plan.table.sql} WHERE ${where}`,
      parameters.values,
    );
    return Number(row!.count);
  }

  async partitions(want: number): Promise<Partition[]> {
    const { key } = this.plan;
    // A null in the key would fall out of every range; without a key there are no ranges.
    const splittable = want > 1 && key.length > 0 && key.every((column) => !column.nullable);
    const parameters = new Parameters();
    const where = this.where(parameters.bind);
    const cuts = splittable
      ? await boundaries(new Connection(this.holder), this.plan.table, key, where, parameters.values, want)
      : [];
    const count = this.description.approximate_count;
    return Array.from({ length: cuts.length + 1 }, (_, id) => ({
      id,
      bounds: { from: cuts[id - 1] ?? null, to: cuts[id] ?? null },
      approximate_count: count === undefined ? undefined : Math.ceil(count / (cuts.length + 1)),
    }));
  }

  async split(partition: Partition, after: JsonValue): Promise<readonly [Partition, Partition] | undefined> {
    const { key, resumable, table } = this.plan;
    if (!resumable || !isCheaplyCut(table)) return undefined;
    const parameters = new Parameters();
    const where = this.range(partition, after, parameters.bind);
    const [cut] = await boundaries(new Connection(this.holder), table, key, where, parameters.values, 2);
    if (!cut) return undefined;
    const { from = null, to = null } = partition.bounds as { from?: JsonValue; to?: JsonValue };
    const { approximate_count: _whole, ...part } = partition;
    return [
      { ...part, bounds: { from, to: cut } },
      { ...part, bounds: { from: cut, to } },
    ];
  }

  async *read(partition: Partition, options: ReadOptions): AsyncIterable<SourceBatch> {
    const client = await this.database.open();
    const abort = (): void => void client.end().catch(() => {});
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      options.signal?.throwIfAborted();
      const connection = new Connection(client);
      await connection.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await connection.execute(`SET TRANSACTION SNAPSHOT '${this.snapshot}'`);
      const stream = client.query(copyTo(await this.copyStatement(connection, partition, options)));
      for await (const rows of readCopy(stream, options.batch_size)) yield this.toBatch(rows);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw toPolyshiftError(error);
    } finally {
      options.signal?.removeEventListener('abort', abort);
      // Ending the connection also ends a COPY that nobody reads on.
      await client.end().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.holder.end().catch(() => {});
  }

  /** The name of the snapshot: other sessions can read it while this scan is open. */
  share(): string {
    return this.snapshot;
  }

  private where(bind: Bind): string {
    const { conditions, table } = this.plan;
    return compileConditions(conditions, (field) => requireColumn(table, field), bind);
  }

  /**
   * COPY takes no parameters. The statement is therefore compiled twice: first with placeholders, to collect the values; the server turns
   * these into literals by its own quoting; then with the literals in their places.
   */
  private async copyStatement(connection: Connection, partition: Partition, options: ReadOptions): Promise<string> {
    const parameters = new Parameters();
    this.select(partition, options, parameters.bind);
    const literals = await parameters.quotedByServer(connection);
    return `COPY (${this.select(partition, options, bindLiterals(literals))}) TO STDOUT`;
  }

  private select(partition: Partition, options: ReadOptions, bind: Bind): string {
    const { table, selected, key } = this.plan;
    const where = this.range(partition, options.after, bind);
    const order = key.length > 0 ? quoteList(key.map((column) => column.name)) : isHeap(table) ? 'ctid' : '';
    const list = selected.map((column) => quote(column.name)).join(', ');
    return `SELECT ${list} FROM ${table.sql} WHERE ${where}${order === '' ? '' : ` ORDER BY ${order}`}`;
  }

  /** The conditions of a partition, behind a key where one was reached. */
  private range(partition: Partition, last: JsonValue | undefined, bind: Bind): string {
    const { key, resumable } = this.plan;
    const { from, to } = toBounds(partition.bounds);
    const after = resumable ? toKey(last) : null;
    const terms = [this.where(bind)];
    if (after) terms.push(compareKey(key, '>', after, bind));
    else if (from) terms.push(compareKey(key, '>=', from, bind));
    if (to) terms.push(compareKey(key, '<', to, bind));
    return terms.map((term) => `(${term})`).join(' AND ');
  }

  private toBatch(rows: TextRow[]): SourceBatch {
    const { columns, selected, key, resumable } = this.plan;
    const last = rows[rows.length - 1]!;
    const last_key = resumable ? key.map((column) => last[selected.indexOf(column)]!) : null;
    if (selected.length > columns.length) for (const row of rows) row.length = columns.length;
    // A table without columns still has rows.
    if (columns.length === 0) for (const row of rows) row.length = 0;
    const batch: RowBatch = { kind: 'rows', columns: this.description.columns, rows };
    return { batch, last_key };
  }
}

/** Whether rows have a place in one file, so that their order in it can be asked for. */
function isHeap(table: Table): boolean {
  return table.kind === 'r' || table.kind === 'm';
}
