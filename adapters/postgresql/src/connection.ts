import type { JsonValue } from '@polyshift/core';
import type { QueryResult, QueryResultRow } from 'pg';
import { toPolyshiftError } from './errors.ts';

/** Where statements go: a connection inside a transaction, or the pool. Errors are classified. */
export interface Queryable {
  /** The rows of a statement. */
  rows<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row of a statement, if any. */
  row<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** The number of rows that a statement changed. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
  /** Rows by position with every value as the text that the server sends. */
  texts(text: string, values?: readonly unknown[]): Promise<(string | null)[][]>;
}

const asText = { getTypeParser: () => (raw: string | Buffer) => (typeof raw === 'string' ? raw : raw.toString()) };

/** Gives a driver's query function the form of {@link Queryable}. */
export class DriverQueryable implements Queryable {
  private readonly driver: { query: (config: object) => Promise<QueryResult> };

  constructor(driver: object) {
    this.driver = driver as { query: (config: object) => Promise<QueryResult> };
  }

  async rows<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.send({ text, values: [...values] })).rows as Row[];
  }

  async row<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    return (await this.rows<Row>(text, values))[0];
  }

  async execute(text: string, values: readonly unknown[] = []): Promise<number> {
    // Without values the driver takes the simple protocol, which a script of several statements needs.
    const result = await this.send(values.length === 0 ? { text } : { text, values: [...values] });
    return result.rowCount ?? 0;
  }

  async texts(text: string, values: readonly unknown[] = []): Promise<(string | null)[][]> {
    const result = await this.send({ text, values: [...values], rowMode: 'array', types: asText });
    return result.rows as unknown as (string | null)[][];
  }

  /** The first value of the first row, null where there is none. Takes one statement alone, so that none hides behind it. */
  async scalar(text: string): Promise<JsonValue> {
    const result = await this.send({ text, rowMode: 'array', queryMode: 'extended' });
    return (result.rows as unknown as JsonValue[][])[0]?.[0] ?? null;
  }

  private async send(config: object): Promise<QueryResult> {
    try {
      return await this.driver.query(config);
    } catch (error) {
      throw toPolyshiftError(error);
    }
  }
}
