import type { Readable } from 'node:stream';
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
import { requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection, Raw } from '../connection.ts';
import { toPolyshiftError } from '../errors.ts';
import { quote } from '../identifiers.ts';
import { readExpression } from '../values/literal.ts';
import { compareKey, type Key, keyFromJson, keyToJson, toBounds } from './bounds.ts';
import { toBatchColumn } from './columns.ts';
import { boundaries, isCheaplyCut } from './partitions.ts';

/** What a scan reads, worked out from the query and the table. */
export interface ScanPlan {
  readonly table: Table;
  /** The columns that are given. */
  readonly columns: readonly TableColumn[];
  /** These and, behind them, the key's columns that are missing among them. */
  readonly selected: readonly TableColumn[];
  readonly key: readonly TableColumn[];
  /** Whether the key is unique and never null: then pages go on behind the last one. */
  readonly resumable: boolean;
  readonly conditions: Conditions | undefined;
}

/**
 * One snapshot of a table. MySQL cannot share a snapshot between connections, so that all readers of a scan take turns on one: a page is short,
 * and what is read is one state of the table, however many partitions are read at once.
 */
export class MysqlScan implements SourceScan {
  readonly description: SourceDescription;
  private readonly connection: Connection;
  private readonly plan: ScanPlan;

  /** @param connection In a transaction with a consistent snapshot; it is the scan's own. */
  constructor(connection: Connection, plan: ScanPlan) {
    this.connection = connection;
    this.plan = plan;
    this.description = {
      columns: plan.columns.map(toBatchColumn),
      dynamic: false,
      key: plan.key.map((column) => column.name),
      approximate_count: plan.conditions && Object.keys(plan.conditions).length > 0 ? undefined : plan.table.approximateCount,
    };
  }

  async count(): Promise<number> {
    const row = await this.connection.row<{ count: string }>(
      `SELECT COUNT(*) AS count FROM ${this.plan.table.sql} WHERE ${this.where()}`,
    );
    return Number(row!.count);
  }

  async partitions(want: number): Promise<Partition[]> {
    const { key, table } = this.plan;
    // A null in the key would fall out of every range; without a key there are no ranges.
    const splittable = want > 1 && key.length > 0 && key.every((column) => !column.nullable);
    const cuts = splittable ? await boundaries(this.connection, table, key, this.where(), want) : [];
    const count = this.description.approximate_count;
    return Array.from({ length: cuts.length + 1 }, (_, id) => ({
      id,
      bounds: { from: cuts[id - 1] ? keyToJson(cuts[id - 1]!) : null, to: cuts[id] ? keyToJson(cuts[id]!) : null },
      approximate_count: count === undefined ? undefined : Math.ceil(count / (cuts.length + 1)),
    }));
  }

  async split(partition: Partition, after: JsonValue): Promise<readonly [Partition, Partition] | undefined> {
    const { key, resumable, table } = this.plan;
    if (!resumable || !isCheaplyCut(table, key)) return undefined;
    const range = this.range(partition, keyFromJson(after));
    const [cut] = await boundaries(this.connection, table, key, `(${this.where()}) AND (${range})`, 2, range);
    if (!cut) return undefined;
    const { from = null, to = null } = partition.bounds as { from?: JsonValue; to?: JsonValue };
    const { approximate_count: _whole, ...part } = partition;
    return [
      { ...part, bounds: { from, to: keyToJson(cut) } },
      { ...part, bounds: { from: keyToJson(cut), to } },
    ];
  }

  async *read(partition: Partition, options: ReadOptions): AsyncIterable<SourceBatch> {
    options.signal?.throwIfAborted();
    if (this.plan.resumable) yield* this.pages(partition, options);
    else yield* this.stream(partition, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.driver.destroy();
  }

  /** Pages in the order of the key, one fetched ahead while the last one is dealt with. */
  private async *pages(partition: Partition, { batch_size, after, signal }: ReadOptions): AsyncIterable<SourceBatch> {
    let behind = keyFromJson(after ?? undefined);
    let next = this.page(partition, behind, batch_size);
    for (;;) {
      const rows = await next;
      signal?.throwIfAborted();
      if (rows.length === 0) return;
      behind = this.keyOf(rows.at(-1)!);
      const full = rows.length === batch_size;
      if (full) {
        next = this.page(partition, behind, batch_size);
        // Whoever stops reading here never awaits it.
        next.catch(() => {});
      }
      yield this.toBatch(rows, keyToJson(behind));
      signal?.throwIfAborted();
      if (!full) return;
    }
  }

  private async page(partition: Partition, after: Key | null, size: number): Promise<Raw[][]> {
    return await this.connection.values(`${this.select(partition, after)} LIMIT ${size}`);
  }

  /** Without a unique key there is nothing to go on behind: one statement, read as it comes. */
  private async *stream(partition: Partition, { batch_size, signal }: ReadOptions): AsyncIterable<SourceBatch> {
    const core = (this.connection.driver as unknown as { connection: CoreConnection }).connection;
    const rows = core.query({ sql: this.select(partition, null), rowsAsArray: true }).stream({ highWaterMark: batch_size });
    const abort = (): void => this.connection.driver.destroy();
    signal?.addEventListener('abort', abort, { once: true });
    let batch: Raw[][] = [];
    try {
      for await (const row of rows) {
        batch.push(row as Raw[]);
        if (batch.length < batch_size) continue;
        yield this.toBatch(batch, null);
        batch = [];
      }
      if (batch.length > 0) yield this.toBatch(batch, null);
    } catch (error) {
      signal?.throwIfAborted();
      throw toPolyshiftError(error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  private where(): string {
    const { conditions, table } = this.plan;
    return compileConditions(conditions, (field) => requireColumn(table, field));
  }

  private select(partition: Partition, after: Key | null): string {
    const { table, selected, key } = this.plan;
    const names = key.map((column) => quote(column.name));
    const order = names.length > 0 ? ` ORDER BY ${names.join(', ')}` : '';
    const list = selected.map((column) => readExpression(column));
    return `SELECT ${list.join(', ')} FROM ${table.sql} WHERE (${this.where()}) AND (${this.range(partition, after)})${order}`;
  }

  /** The keys of a partition, behind one where it was reached. */
  private range(partition: Partition, after: Key | null): string {
    const { key } = this.plan;
    const names = key.map((column) => quote(column.name));
    const { from, to } = toBounds(partition.bounds);
    const terms: string[] = [];
    if (after) terms.push(compareKey(key, names, '>', after));
    else if (from) terms.push(compareKey(key, names, '>=', from));
    if (to) terms.push(compareKey(key, names, '<', to));
    return terms.length === 0 ? 'TRUE' : terms.map((term) => `(${term})`).join(' AND ');
  }

  private keyOf(row: readonly Raw[]): Key {
    return this.plan.key.map((column) => row[this.plan.selected.indexOf(column)]!);
  }

  private toBatch(rows: Raw[][], last_key: SourceBatch['last_key']): SourceBatch {
    const { columns, selected } = this.plan;
    if (selected.length > columns.length) for (const row of rows) row.length = columns.length;
    const batch: RowBatch = { kind: 'rows', columns: this.description.columns, rows };
    return { batch, last_key };
  }
}

/** What the driver's connection without promises can do more: give rows as they come. */
interface CoreConnection {
  query(options: { sql: string; rowsAsArray: boolean }): { stream(options: { highWaterMark: number }): Readable };
}
