import type { ErrorCode } from '../errors/codes.ts';
import { keepSecrets } from '../errors/known-secrets.ts';
import type { Conditions } from '../operation/condition.ts';
import type { Fingerprint } from '../schema/fingerprint.ts';
import type { StoreSchema } from '../schema/store-schema.ts';
import type { Pressure } from '../throttle/pressure.ts';
import type { JsonObject, JsonValue } from '../value/json.ts';
import type { Capabilities } from './capabilities.ts';
import { explainCertificate } from './certificate-problem.ts';
import type { OperationHandlers } from './handler.ts';
import type { JournalStore, LockStore } from './journal-store.ts';
import type { KeptAside } from './kept-aside.ts';
import type { ScriptWriter } from './rollback-script.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { StoreName } from './store-name.ts';

/** What the server says of itself, found out on connecting: never taken from a version string. */
export interface ServerInfo {
  /** `PostgreSQL`, `MongoDB`, `MongoDB stand-in (mongo-java-server)`. */
  readonly product: string;
  readonly version: string;
  /** True where the server only stands in for the product, in tests and demos. */
  readonly stand_in: boolean;
  /** What it can do, by trying: `transactions`, `validators`, `pipeline_updates`. May be empty on a connection that is for looking alone. */
  readonly features: Readonly<Record<string, boolean>>;
}

/** A connection to a store, with all that the adapter gives. */
export interface StoreSession extends AsyncDisposable {
  readonly server: ServerInfo;
  readonly operations: OperationHandlers;
  readonly journal: JournalStore;
  readonly locks: LockStore;
  readonly source?: Source;
  readonly sink?: Sink;
  /** Frames rollback scripts; there where the capabilities declare `rollback_scripts`. */
  readonly scripts?: ScriptWriter;
  /** The schema of the named collections, or of all; names that do not exist are left out. */
  introspect(names?: readonly string[]): Promise<StoreSchema>;
  /** See {@link Fingerprint}; reads the whole collection. */
  fingerprint(name: string): Promise<Fingerprint>;
  /** The exact number of rows that meet the conditions. */
  count(name: string, conditions?: Conditions): Promise<number>;
  /**
   * The first value of the first row that a query gives, for checks; null where there is none. It only reads, and is refused where the store can tell that
   * it would write. Missing where the store has no query language.
   */
  query?(text: string): Promise<JsonValue>;
  /**
   * How far the replicas of the server are behind, in milliseconds, and how many statements it runs for others: batch work waits while either exceeds its limit (see
   * `docs/throttling.md`). Asked once a second at most, so that it must cost little; only reads. Missing where the store tells neither.
   */
  pressure?(): Promise<Pressure>;
  /**
   * What is kept aside for the rollback of one step or load (`run.aside`, or the `aside` of a sink's target); zero where there is nothing. Only reads.
   * Counts what is kept, and so takes as long as the store takes to count it.
   */
  keptAside(aside: string): Promise<KeptAside>;
  /**
   * The same for many names, in their order: `status` asks for every applied version at once. Missing where the store has no cheaper way than to be asked for
   * each.
   */
  keptAsideEach?(asides: readonly string[]): Promise<KeptAside[]>;
  /**
   * What is kept aside under none of the given names, in the store's words: what nobody takes back or deletes any more. Only reads. Missing where the
   * store cannot list what is kept aside.
   */
  strayAside?(known: readonly string[]): Promise<string[]>;
  /** Ends all connections. Idempotent; the same as disposing. */
  close(): Promise<void>;
}

/** Options of a connection that every adapter takes; others are its own. */
export interface ConnectOptions {
  /** Milliseconds until a server that does not answer is an error; default 10,000. */
  readonly connect_timeout_ms?: number;
  /** Shown by the server in its list of connections; default `polyshift`. */
  readonly application_name?: string;
  /** Options of the driver, passed on: TLS and the like. */
  readonly driver?: JsonObject;
  /**
   * Whether the connection is for looking alone: journal, locks and schemas are read and operations planned, nothing is prepared or executed. An adapter may then
   * leave `server.features` empty and find out what the server can do when a plan needs it. Default false.
   */
  readonly read_only?: boolean;
}

/** Knows one store. Made by `defineAdapter`, and the default export of an adapter package. */
export interface Adapter {
  readonly store: StoreName;
  /** Schemes of its URLs, without the colon: `postgresql`, `postgres`. */
  readonly url_schemes: readonly string[];
  readonly capabilities: Capabilities;
  /** Where its driver takes the certificate of an authority, for the hint when a server's is refused: `driver.ssl.ca`. */
  readonly ca_option?: string;
  /**
   * Connects and finds out what the server can do. Throws CONNECTION_FAILED or AUTHENTICATION_FAILED within the timeout.
   */
  connect(url: string, options?: ConnectOptions): Promise<StoreSession>;
  /** Which code a driver's error has, and whether it may pass when tried again. Every error that leaves the adapter has gone through it. */
  classify(error: unknown): { readonly code: ErrorCode; readonly retryable: boolean };
}

/** Checks at compile time that a value is an adapter, and freezes it. Secrets of each connection are masked from then on (`keepSecrets`). */
export function defineAdapter<const Value extends Adapter>(adapter: Value): Value {
  return Object.freeze({
    ...adapter,
    connect: async (url: string, options?: ConnectOptions) => {
      keepSecrets(url, options);
      try {
        return await adapter.connect(url, options);
      } catch (error) {
        throw explainCertificate(error, adapter.ca_option);
      }
    },
  });
}
