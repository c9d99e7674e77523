import type { ConnectOptions, Fence } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Client, ClientBase, ClientConfig, Pool, PoolClient, PoolConfig } from 'pg';
import { DriverQueryable, type Queryable } from './connection.ts';
import { driver } from './driver.ts';
import { toConnectError, toPolyshiftError } from './errors.ts';
import { settingsParameter, settingsStatement } from './session-settings.ts';

/** A connection inside a transaction or for one purpose, with the driver's client where a stream needs it. */
export class Connection extends DriverQueryable {
  readonly client: ClientBase;

  constructor(client: ClientBase) {
    super(client);
    this.client = client;
  }
}

/** How a transaction begins. */
export interface TransactionOptions {
  /** Default `READ COMMITTED`. */
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ';
  readonly read_only?: boolean;
  /** Milliseconds to wait for a lock before STORE_BUSY; default: for ever. */
  readonly lock_timeout_ms?: number;
  /** Run everything, then take it back: for trials. */
  readonly roll_back?: boolean;
  /** Do not give the connection back to others: the work changes its settings. */
  readonly close_after?: boolean;
}

// Whole numbers up to 32 bits, booleans and JSON come parsed; everything else as the server's text, so that nothing is rounded.
const parsed = new Set([16, 21, 23, 26, 114, 3802]);
const driverTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    parsed.has(oid) ? driver.types.getTypeParser(oid, format as 'text') : (raw: string) => raw,
} as PoolConfig['types'];

/** Milliseconds that statements under way are given when the session is closed. */
const closePatience = 1000;

/** What the driver does not declare of a client: its socket, and the process of the server that it is connected to. */
interface Connected {
  readonly connection: { readonly stream: { destroy(): unknown } };
  readonly processID: number;
}

/** The connections to one database. */
export class Database extends DriverQueryable {
  private readonly pool: Pool;
  private readonly config: ClientConfig;
  private readonly clients: ReadonlySet<ClientBase>;
  /** Those that were opened outside the pool. */
  private readonly opened = new Set<ClientBase>();
  private ended: Promise<void> | undefined;

  private constructor(pool: Pool, config: ClientConfig, clients: ReadonlySet<ClientBase>) {
    super(pool);
    this.pool = pool;
    this.config = config;
    this.clients = clients;
  }

  /** Connects once to see that it works. Throws CONNECTION_FAILED or AUTHENTICATION_FAILED. */
  static async connect(url: string, options: ConnectOptions = {}): Promise<Database> {
    const config = {
      connectionString: urlBeside(options, url),
      application_name: options.application_name ?? 'polyshift',
      connectionTimeoutMillis: options.connect_timeout_ms ?? 10_000,
      keepAlive: true,
      types: driverTypes,
      ...options.driver,
    } as ClientConfig;
    let pool: Pool | undefined;
    const clients = new Set<ClientBase>();
    try {
      pool = new driver.Pool({ max: 6, ...config, onConnect: configure } as PoolConfig);
      // A connection that dies while it idles is replaced by the pool; the next statement says what is wrong, if anything.
      pool.on('error', () => {});
      pool.on('connect', (client) => {
        // One that dies while it is in use fails the statement that runs on it; without a listener Node would end the process as well.
        client.on('error', () => {});
        clients.add(client);
      });
      pool.on('remove', (client) => clients.delete(client));
      // The connection is set up by a statement, which is proof enough.
      (await pool.connect()).release();
    } catch (error) {
      await pool?.end().catch(() => {});
      throw toConnectError(error);
    }
    return new Database(pool, config, clients);
  }

  /** How many connections there are at most at a time. */
  get connections(): number {
    return this.pool.options.max;
  }

  /** Runs work in a transaction: committed when it returns, taken back when it throws. */
  async transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    const client = await this.take();
    let broken: Error | undefined;
    try {
      const connection = new Connection(client);
      await connection.execute(
        `BEGIN ISOLATION LEVEL ${options.isolation ?? 'READ COMMITTED'} ${options.read_only ? 'READ ONLY' : 'READ WRITE'}`,
      );
      if (options.lock_timeout_ms !== undefined) await connection.execute(`SET LOCAL lock_timeout = ${options.lock_timeout_ms}`);
      const result = await work(connection);
      await connection.execute(options.roll_back ? 'ROLLBACK' : 'COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      // What the driver threw is classified already; anything else is the work's own, and none of the store's.
      throw error;
    } finally {
      client.release(broken ?? options.close_after);
    }
  }

  /**
   * The only way in which handlers change data or schema: a transaction that first proves that this run still holds the lock, and that
   * keeps any other run from taking it until it has ended. Throws LEASE_LOST before anything is changed.
   */
  async fenced<Result>(
    fence: Fence,
    work: (connection: Connection) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    return await this.transaction(async (connection) => {
      await checkFence(connection, fence);
      return await work(connection);
    }, options);
  }

  /** Runs work on a connection of its own that is closed afterwards: settings that it changes reach nobody else. */
  async dedicated<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const client = await this.open();
    try {
      return await work(new Connection(client));
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Opens a connection outside the pool; the caller ends it. */
  async open(): Promise<Client> {
    const client = new driver.Client(this.config);
    // Whoever waits for a statement gets the error there; without a listener Node would end the process.
    client.on('error', () => {});
    client.once('end', () => this.opened.delete(client));
    try {
      await client.connect();
      this.opened.add(client);
      await configure(client);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw toConnectError(error);
    }
  }

  /** The processes of the server that serve this database's connections, by number. */
  get processes(): number[] {
    return [...this.clients, ...this.opened].map((client) => (client as unknown as Connected).processID).filter(Number.isInteger);
  }

  /** Ends all connections of the pool. Those that a statement holds which does not come back are cut. Idempotent. */
  async close(): Promise<void> {
    this.ended ??= this.end();
    await this.ended;
  }

  private async end(): Promise<void> {
    // The pool waits for whoever has borrowed a connection, on a half-open one for ever.
    const cut = setTimeout(() => {
      for (const client of this.clients) (client as unknown as Connected).connection.stream.destroy();
    }, closePatience);
    try {
      await this.pool.end();
    } finally {
      clearTimeout(cut);
    }
  }

  private async take(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      const converted = toPolyshiftError(error);
      // The session was connected before: what cannot be reached now was lost.
      if (converted.code !== 'CONNECTION_FAILED') throw converted;
      throw new PolyshiftError('CONNECTION_LOST', converted.message, { retryable: true, cause: error });
    }
  }
}

/**
 * The URL for the driver, which would let `sslmode` of the URL win over `driver.ssl` and forget the authority that is named there. An
 * object of options means TLS with a checked certificate, which is what all modes but `disable` and `no-verify` mean to the driver.
 */
function urlBeside({ driver }: ConnectOptions, url: string): string {
  if (typeof driver?.['ssl'] !== 'object' || driver['ssl'] === null) return url;
  return url.replace(/([?&])sslmode=(?:prefer|require|verify-ca|verify-full)(&|$)/, (_all, before: string, after: string) =>
    after === '&' ? before : '',
  );
}

async function configure(client: ClientBase): Promise<void> {
  await client.query(settingsStatement, [settingsParameter]);
}

/**
 * Throws LEASE_LOST unless the token is the current one of a held lock. The row stays locked FOR KEY SHARE until the transaction ends:
 * a takeover changes the token, which is part of a unique key, and so has to wait; a heartbeat changes other columns, and has not.
 * A run that is silent in the transaction for longer than its lease lasts loses both: the server ends its connection, so that a process
 * that stands still, or a host that is gone without a word, keeps nobody waiting for ever.
 */
export async function checkFence(connection: Queryable, fence: Fence): Promise<void> {
  const held = await connection.rows(
    `SELECT set_config('idle_in_transaction_session_timeout',
       greatest(1000, ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000))::bigint::text, true)
     FROM polyshift.migration_lock WHERE name = $1 AND token = $2 AND holder IS NOT NULL FOR KEY SHARE`,
    [fence.lock, fence.token],
  );
  if (held.length > 0) return;
  throw leaseLost(fence);
}

/** The error of a run whose lock is somebody else's. */
export function leaseLost(fence: Fence): PolyshiftError {
  return new PolyshiftError('LEASE_LOST', `The lock ${fence.lock} is not held with token ${fence.token} any more.`, {
    data: { lock: fence.lock, token: fence.token },
  });
}
