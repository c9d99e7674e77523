import { isPolyshiftError, type PolyshiftError, type RunContext } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { errorNumber, isDataError } from '../errors.ts';
import { literal, quote } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import { compareKey, type Key } from '../source/bounds.ts';
import { literalWriter, readExpression } from '../values/literal.ts';
import { layered, type Mapping, sameRow, wayFrom } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { recordRefused } from './refused.ts';

/** Keys from one, which is left out, to another, which is not. */
interface Range {
  readonly after: Key | null;
  readonly last: Key;
}

const chunkTable = 'polyshift_chunk';

/** Copies ranges of keys. */
export class Copy {
  private readonly work: OnlineWork;
  private readonly mapping: Mapping;
  readonly key: readonly TableColumn[];

  constructor(work: OnlineWork, mapping: Mapping, key: readonly TableColumn[]) {
    this.work = work;
    this.mapping = mapping;
    this.key = key;
  }

  /** The key of the last of the next rows that the new version lacks; undefined where it lacks none behind the key. */
  async nextEnd(after: Key | null, size: number, last?: Key): Promise<Key | undefined> {
    const { names } = this.work;
    const read = this.key.map((column) => readExpression(column, 'o.')).join(', ');
    const inner = this.keys('s.').join(', ');
    const order = this.keys('o.').map((each) => `${each} DESC`);
    const [row] = await this.work.database.values(
      `SELECT ${read} FROM (SELECT ${inner} FROM ${names.old} AS s WHERE ${this.inRange('s.', after, last)} AND ${this.missing('s')}
       ORDER BY ${inner} LIMIT ${size}) AS o ORDER BY ${order.join(', ')} LIMIT 1`,
    );
    return row as Key | undefined;
  }

  /** Copies the rows of a range; where one does not fit, both halves by themselves, down to the one row that is recorded. Gives how many are dealt with. */
  async range(range: Range, size: number, run: RunContext): Promise<number> {
    try {
      return await this.work.database.fenced(run.fence, (connection) =>
        copying(connection, this.work.names.copying, () => this.copy(connection, range, run)),
      );
    } catch (error) {
      if (!isPolyshiftError(error) || !isDataError(error.cause)) throw error;
      const half = Math.ceil(size / 2);
      const middle = size > 1 ? await this.nextEnd(range.after, half, range.last) : undefined;
      if (size <= 1 || middle === undefined) return await this.refuse(range, error, run);
      await run.guard();
      const first = await this.range({ after: range.after, last: middle }, half, run);
      const rest = await this.nextEnd(middle, half, range.last);
      return rest === undefined ? first : first + (await this.range({ after: middle, last: range.last }, half, run));
    }
  }

  private async copy(connection: Connection, range: Range, run: RunContext): Promise<number> {
    const { names } = this.work;
    await this.lock(connection, range);
    await run.fault('rows_locked');
    const { columns } = wayFrom(this.mapping, 'old');
    const list = columns.map(({ name }) => quote(name)).join(', ');
    const from = ` FROM ${names.old} AS o JOIN ${chunkTable} AS c ON ${this.key.map(({ name }, index) => `c.k${index + 1} = o.${quote(name)}`).join(' AND ')}
      WHERE ${this.missing('o')}`;
    const rows = layered(this.mapping, 'old', (column) => `o.${quote(column)}`, from);
    const count = await connection.execute(`INSERT INTO ${names.new} (${list}) SELECT ${list} FROM (${rows}) AS polyshift_row`);
    await run.fault('rows_copied');
    return count;
  }

  /** Locks the rows of a range that nobody else holds, and keeps their keys. */
  private async lock(connection: Connection, { after, last }: Range): Promise<void> {
    const columns = this.key.map((column, index) => `k${index + 1} ${keyType(column)} NOT NULL`);
    const keys = this.key.map((_, index) => `k${index + 1}`).join(', ');
    await connection.execute(`DROP TEMPORARY TABLE IF EXISTS ${chunkTable}`);
    await connection.execute(`CREATE TEMPORARY TABLE ${chunkTable} (${columns.join(', ')}, PRIMARY KEY (${keys})) ENGINE=InnoDB`);
    await connection.execute(
      `INSERT INTO ${chunkTable} SELECT ${this.keys('o.').join(', ')} FROM ${this.work.names.old} AS o
       WHERE ${this.inRange('o.', after, last)} AND ${this.missing('o')} FOR UPDATE SKIP LOCKED`,
    );
  }

  private async refuse(range: Range, error: PolyshiftError, run: RunContext): Promise<number> {
    const { names, database } = this.work;
    return await database.fenced(run.fence, async (connection) => {
      await this.lock(connection, range);
      const number = String(errorNumber(error) ?? 0);
      const read = this.key.map((column, index) => readExpression({ ...column, name: `k${index + 1}` }));
      const rows = await connection.values(`SELECT ${read.join(', ')} FROM ${chunkTable}`);
      for (const row of rows) {
        const key = this.key.map((column, index) => literalWriter(column)(row[index]!));
        await connection.execute(recordRefused(names, 'old', key, number, literal(error.message)));
      }
      await run.fault('row_refused');
      return rows.length;
    });
  }

  /** The condition that the new version lacks a row, and has not refused it. */
  private missing(row: string): string {
    const { names } = this.work;
    const there = sameRow(this.mapping, 'new', 'n.', (index) => `${row}.${quote(this.key[index]!.name)}`);
    const refused = this.key.map(({ name }, index) => `r.k${index + 1} = ${row}.${quote(name)}`).join(' AND ');
    const given = this.mapping.only?.map((field) => `${row}.${quote(field)} IS NOT NULL`).join(' OR ');
    const lacking = `NOT EXISTS (SELECT 1 FROM ${names.new} AS n WHERE ${there}) AND NOT EXISTS (SELECT 1 FROM ${names.refused} AS r WHERE ${refused})`;
    return given === undefined ? lacking : `(${given}) AND ${lacking}`;
  }

  private inRange(qualifier: string, after: Key | null, last: Key | undefined): string {
    const keys = this.keys(qualifier);
    const terms = [
      ...(after === null ? [] : [compareKey(this.key, keys, '>', after)]),
      ...(last === undefined ? [] : [compareKey(this.key, keys, '<=', last)]),
    ];
    return terms.length === 0 ? 'TRUE' : terms.join(' AND ');
  }

  private keys(qualifier: string): string[] {
    return this.key.map(({ name }) => `${qualifier}${quote(name)}`);
  }
}

async function copying<Result>(connection: Connection, variable: string, work: () => Promise<Result>): Promise<Result> {
  await connection.execute(`SET ${variable} = 1`);
  try {
    return await work();
  } finally {
    await connection.execute(`SET ${variable} = NULL`).catch(() => {});
  }
}
