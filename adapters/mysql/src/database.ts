import type { ConnectOptions, Fence } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { type ConnectionOptions, createConnection, createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import { Connection, type Queryable, type Raw } from './connection.ts';
import { driverOptions } from './connection-url.ts';
import { toConnectError, toPolyshiftError } from './errors.ts';
import { literal } from './identifiers.ts';
import { optionalSettings, settingsStatement } from './session-settings.ts';

/** The settings of a server, as far as it is known which it takes; filled by the first connection. */
interface KnownSettings {
  statement: string | undefined;
}

/** How a transaction begins. */
export interface TransactionOptions {
  /** Reads everything as it is at the beginning; else each statement sees what is committed before it. */
  readonly snapshot?: boolean;
  /** Refuses to write. */
  readonly read_only?: boolean;
}

/** Milliseconds that statements under way are given when the session is closed. */
const closePatience = 1000;

/** The connections to one database. */
export class Database implements Queryable {
  /** The database of the URL. */
  readonly name: string;
  private readonly pool: Pool;
  private readonly options: ConnectionOptions;
  private readonly configured = new WeakSet<object>();
  private readonly drivers = new Set<{ destroy(): void }>();
  private readonly known: KnownSettings = { statement: undefined };
  private ended: Promise<void> | undefined;

  private constructor(pool: Pool, options: ConnectionOptions) {
    this.pool = pool;
    pool.on('connection', (driver) => {
      const made = driver as unknown as { destroy(): void; once(event: 'end' | 'error', listener: () => void): void };
      this.drivers.add(made);
      for (const event of ['end', 'error'] as const) made.once(event, () => this.drivers.delete(made));
    });
    this.options = options;
    this.name = options.database!;
  }

  /** Connects once to see that it works. Throws CONNECTION_FAILED or AUTHENTICATION_FAILED. */
  static async connect(url: string, options: ConnectOptions = {}): Promise<Database> {
    const driver = driverOptions(url, options);
    const pool = createPool({ connectionLimit: 10, maxIdle: 10, ...driver });
    const database = new Database(pool, driver);
    try {
      await database.use(async () => {});
    } catch (error) {
      await pool.end().catch(() => {});
      throw toConnectError(error);
    }
    return database;
  }

  async rows<Row extends object>(sql: string): Promise<Row[]> {
    return await this.use((connection) => connection.rows<Row>(sql));
  }

  async row<Row extends object>(sql: string): Promise<Row | undefined> {
    return await this.use((connection) => connection.row<Row>(sql));
  }

  async values(sql: string): Promise<Raw[][]> {
    return await this.use((connection) => connection.values(sql));
  }

  async execute(sql: string): Promise<number> {
    return await this.use((connection) => connection.execute(sql));
  }

  /** Runs work on one connection, statement by statement. */
  async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const driver = await this.take();
    let broken = false;
    try {
      return await work(new Connection(driver));
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      if (broken) driver.destroy();
      else driver.release();
    }
  }

  /** Runs work in a transaction: committed when it returns, taken back when it throws. */
  async transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    return await this.use(async (connection) => {
      await begin(connection, options);
      try {
        const result = await work(connection);
        await connection.execute('COMMIT');
        return result;
      } catch (error) {
        if (!isBroken(error)) await connection.execute('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  }

  /**
   * The only way in which handlers change rows: a transaction that first proves that this run still holds the lock, and that keeps any
   * other run from taking it until it has ended. Throws LEASE_LOST before anything is changed.
   */
  async fenced<Result>(fence: Fence, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return await this.transaction(async (connection) => {
      await checkFence(connection, fence);
      return await work(connection);
    });
  }

  /** Runs work on a connection of its own that is closed afterwards: what it does to its session reaches nobody else. */
  async dedicated<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.open();
    try {
      return await work(connection);
    } finally {
      connection.driver.destroy();
    }
  }

  /** Opens a connection outside the pool; the caller destroys its driver's connection. */
  async open(): Promise<Connection> {
    try {
      const driver = await createConnection(this.options);
      // Whoever waits for a statement gets the error there; without a listener Node would end the process.
      driver.on('error', () => {});
      const connection = new Connection(driver);
      await configure(connection, this.known);
      return connection;
    } catch (error) {
      throw toConnectError(error);
    }
  }

  /** Ends all connections of the pool. Those that do not say goodbye in time are cut. Idempotent. */
  async close(): Promise<void> {
    this.ended ??= this.end();
    await this.ended;
  }

  private async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    // A connection ends behind its last statement, which on a half-open one never comes back.
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const driver of this.drivers) driver.destroy();
        resolve();
      }, closePatience);
    });
    try {
      await Promise.race([this.pool.end(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async take(): Promise<PoolConnection> {
    let driver: PoolConnection;
    try {
      driver = await this.pool.getConnection();
    } catch (error) {
      throw toPolyshiftError(error);
    }
    const key = (driver as unknown as { connection: object }).connection;
    if (this.configured.has(key)) return driver;
    try {
      await configure(new Connection(driver), this.known);
      this.configured.add(key);
      return driver;
    } catch (error) {
      driver.destroy();
      throw error;
    }
  }
}

async function begin(connection: Connection, { snapshot = false, read_only = false }: TransactionOptions): Promise<void> {
  if (snapshot) await beginSnapshot(connection);
  else await connection.execute(read_only ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION');
}

/** Begins a transaction that reads everything as it is now. */
export async function beginSnapshot(connection: Connection): Promise<void> {
  await connection.execute('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT');
}

async function configure(connection: Connection, known: KnownSettings): Promise<void> {
  if (known.statement !== undefined) {
    await connection.execute(known.statement);
    return;
  }
  await connection.execute(settingsStatement());
  const taken: string[] = [];
  for (const settings of optionalSettings) {
    try {
      await connection.execute(`SET ${settings}`);
      taken.push(settings);
    } catch (error) {
      // A variable that this server does not have.
      if (isBroken(error)) throw error;
    }
  }
  known.statement = settingsStatement(taken);
}

/** Whether the connection itself is of no use any more, or an error came from elsewhere while a statement was under way. */
function isBroken(error: unknown): boolean {
  return error instanceof PolyshiftError && error.code === 'CONNECTION_LOST';
}

/**
 * Throws LEASE_LOST unless the token is the current one of a held lock. The row of the fence stays locked until the transaction ends: a
 * takeover writes it, and so has to wait; a heartbeat writes only the row of the lock, and has not.
 */
export async function checkFence(connection: Queryable, fence: Fence): Promise<void> {
  const held = await connection.rows(
    `SELECT 1 FROM polyshift_fence WHERE name = ${literal(fence.lock)} AND token = ${fence.token} AND held = 1 LOCK IN SHARE MODE`,
  );
  if (held.length === 0) throw leaseLost(fence);
}

/** The error of a run whose lock is somebody else's. */
export function leaseLost(fence: Fence): PolyshiftError {
  return new PolyshiftError('LEASE_LOST', `The lock ${fence.lock} is not held with token ${fence.token} any more.`, {
    data: { lock: fence.lock, token: fence.token },
  });
}
