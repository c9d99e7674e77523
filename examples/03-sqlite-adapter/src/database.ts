import { PolyshiftError } from '@polyshift/core';
import Driver from 'libsql';
import { translated } from './errors.ts';

/** Called before and after each statement or transaction: where tests cut. */
export type Tap = (moment: 'before' | 'after') => void;

/** A name as SQL has it: `a"b` is `"a""b"`. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** One connection. Statements are synchronous and bind their values; what the driver throws goes out as an error of polyshift. */
export class Database {
  private readonly driver: Driver.Database;
  private readonly tap: Tap;
  private inside = false;

  private constructor(driver: Driver.Database, tap: Tap) {
    this.driver = driver;
    this.tap = tap;
  }

  static open(url: URL, tap: Tap = () => undefined): Database {
    try {
      const driver = new Driver(decodeURIComponent(url.pathname), { timeout: 10_000 });
      driver.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${url.searchParams.get('synchronous') === 'off' ? 0 : 2}`);
      return new Database(driver, tap);
    } catch (cause) {
      throw new PolyshiftError('CONNECTION_FAILED', `SQLite: ${(cause as Error).message}`, {
        cause,
        hint: 'Is the folder there?',
      });
    }
  }

  /** Runs a statement; gives its rows, where it has some. */
  query<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.step(() => {
      const statement = this.driver.prepare(sql);
      if (statement.reader) return statement.all(...values) as Row[];
      statement.run(...values);
      return [];
    });
  }

  /** Runs several statements as one. */
  atomically<Result>(work: () => Result): Result {
    if (this.inside) return work();
    return this.step(() => {
      this.inside = true;
      this.driver.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.driver.exec('COMMIT');
        return result;
      } catch (error) {
        this.driver.exec('ROLLBACK');
        throw error;
      } finally {
        this.inside = false;
      }
    });
  }

  close(): void {
    this.driver.close();
  }

  private step<Result>(work: () => Result): Result {
    try {
      if (!this.inside) this.tap('before');
      const result = work();
      if (!this.inside) this.tap('after');
      return result;
    } catch (error) {
      throw translated(error);
    }
  }
}
