import type { Readable } from 'node:stream';
import type { Connection as DriverConnection, FieldPacket, QueryOptions, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { toPolyshiftError } from './errors.ts';

/** A value as the driver gives it: digits that a number cannot hold, dates, times, JSON and texts as text, byte strings as bytes. */
export type Raw = string | number | Buffer | null;

/** Where statements go: a connection inside a transaction, or any of the pool. Errors are classified. */
export interface Queryable {
  /** The rows of a statement by the names of their columns. */
  rows<Row extends object>(sql: string): Promise<Row[]>;
  /** The first row of a statement, if any. */
  row<Row extends object>(sql: string): Promise<Row | undefined>;
  /** Rows by position. */
  values(sql: string): Promise<Raw[][]>;
  /** The number of rows that a statement changed. */
  execute(sql: string): Promise<number>;
}

/** A connection of the driver, for one user at a time. */
export class Connection implements Queryable {
  readonly driver: DriverConnection;

  constructor(driver: DriverConnection) {
    this.driver = driver;
  }

  async rows<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.send({ sql })) as unknown as Row[];
  }

  async row<Row extends object>(sql: string): Promise<Row | undefined> {
    return (await this.rows<Row>(sql))[0];
  }

  async values(sql: string): Promise<Raw[][]> {
    return (await this.send({ sql, rowsAsArray: true })) as unknown as Raw[][];
  }

  async execute(sql: string): Promise<number> {
    const result = await this.send({ sql });
    return Array.isArray(result) ? result.length : ((result as ResultSetHeader).affectedRows ?? 0);
  }

  /** Sends a LOAD DATA LOCAL statement whose file is made up here, whatever name the server asks for: rows that it has written, and what it warns of. */
  async load(sql: string, file: Readable): Promise<{ readonly rows: number; readonly warnings: number }> {
    const { affectedRows, warningStatus } = (await this.send({ sql, infileStreamFactory: () => file })) as ResultSetHeader;
    return { rows: affectedRows, warnings: warningStatus };
  }

  private async send(options: QueryOptions): Promise<RowDataPacket[] | ResultSetHeader> {
    try {
      const [result] = (await this.driver.query(options)) as [RowDataPacket[] | ResultSetHeader, FieldPacket[]];
      return result;
    } catch (error) {
      throw toPolyshiftError(error);
    }
  }
}
