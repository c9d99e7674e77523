/** The stores the testkit can start. Grows with the adapters; the registry in `start-server.ts` must have a recipe for each. */
export type ServerStore = 'postgresql' | 'mysql' | 'mariadb' | 'mongodb' | 'dynamodb' | 'cassandra' | 'redis' | 'elasticsearch';

/**
 * Where a server came from.
 *
 * - `environment`: somebody else's server, found through a URL in the environment. It is never started or stopped here.
 * - `docker`: a container, started through testcontainers.
 * - `native`: the genuine server, run as a child process from packages.
 * - `stand_in`: another program that speaks the store's protocol, run as a child process. Not the genuine server.
 */
export type ServerKind = 'environment' | 'docker' | 'native' | 'stand_in';

/** A way that was tried before the one that worked, or before giving up. */
export interface RefusedWay {
  /** The way in words, for example `Docker (postgres:18)`. */
  readonly way: string;
  /** Why it gave no server, in one line. */
  readonly reason: string;
}

/** The child process of a server that was started natively; what a crash harness needs. */
export interface ServerProcess {
  /** The process id of the server itself (not of a wrapper); changes with {@link ServerProcess.restart}. */
  readonly pid: number;
  /**
   * Whether data survives {@link ServerProcess.restart}. False for a stand-in that keeps its data in memory: it comes
   * back empty.
   */
  readonly keepsData: boolean;
  /** The end of the server's log, for error messages. */
  logTail(): string;
  /**
   * Sends a signal and waits until the process has ended. Does nothing when it has ended before.
   * @param signal Default `SIGKILL`, which gives the server no chance to tidy up.
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts the server again on the same port and with the same data folder; one that still runs is stopped first.
   * @throws Error with the end of the log when it does not come up.
   */
  restart(): Promise<void>;
}

/** A running store for a test, a demo or a benchmark. Stopped by {@link TestServer.stop} or by `await using`. */
export interface TestServer extends AsyncDisposable {
  /** Which store this is. */
  readonly store: ServerStore;
  /** Connection URL with a user who may do everything, for example `postgresql://postgres@127.0.0.1:41234/postgres`. */
  readonly url: string;
  /** Where the server came from. */
  readonly kind: ServerKind;
  /** Product, version and origin for people, for example `PostgreSQL 18.4, embedded`. Says "stand-in" when it is one. */
  readonly description: string;
  /** The better ways that were not to be had, with the reason; empty when the first way worked. */
  readonly refused: readonly RefusedWay[];
  /** Present for servers that run as a child process (`native` and `stand_in`). */
  readonly process?: ServerProcess;
  /**
   * Stops the server and removes the data it kept in a temporary folder or container. A server from the environment is
   * left alone. May be called more than once.
   */
  stop(): Promise<void>;
}

/** How to start a server. Everything is optional. */
export interface ServerOptions {
  /** The port on 127.0.0.1. Default: a free one. A taken port is an error, never another port. */
  readonly port?: number;
  /**
   * A folder for the data of a native server; created when missing, used as it is when it holds data, and kept on stop. With
   * it, DynamoDB Local keeps its data on disk rather than in memory.
   * Default: a temporary folder that is removed on stop. Containers and servers from the environment ignore it.
   */
  readonly dataDir?: string;
  /**
   * Settings of the server, which win over the testkit's own, for example `{ work_mem: '64MB' }` for PostgreSQL: by the names of
   * its configuration file (Cassandra, Elasticsearch), or of its options without the dashes in front (the other stores).
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** The environment that names servers and tools (`PG_URL`, `REDIS_URL`, `DOCKER_HOST`, `JAVA_HOME`). Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * The kinds that will do, for example `['native', 'stand_in']` for a test that kills the server. Default: all, in the
   * order environment, docker, native, stand_in.
   */
  readonly kinds?: readonly ServerKind[];
  /**
   * Whether a native server on a JVM will work for minutes rather than seconds: it then compiles anew what it does often, which costs
   * up to a minute of CPU and takes about a third off what follows. Default: false.
   */
  readonly longLived?: boolean;
  /** Options of stand-ins that run on a JVM. */
  readonly standIn?: {
    /** The greatest heap, as for `java -Xmx`. Default `2g`. A stand-in in memory needs about 12 kB a document. */
    readonly maxHeap?: string;
    /** How many entries the oplog keeps for change streams. Default: what the stand-in chooses. */
    readonly oplogSize?: number;
  };
}

/** How one store is had, way by way. `start-server.ts` goes through them in the order of {@link ServerKind}. */
export interface ServerRecipe {
  /** The product's name, for messages. */
  readonly product: string;
  /** The environment variable with the URL of an existing server. */
  readonly urlVariable: string;
  /**
   * Connects and says product and version, for example `PostgreSQL 18.4`.
   * @throws the driver's error when the server does not answer.
   */
  describe(url: string): Promise<string>;
  /** How tests that share a server get something of their own. */
  readonly databases: DatabaseRecipe;
  /** The container image, for messages. */
  readonly image: string;
  /** Starts a container. Only called when an engine answers. */
  startContainer(options: ServerOptions): Promise<TestServer>;
  /** Child processes, best first. Each throws an Error that says why when it cannot be had. */
  readonly processes: readonly {
    readonly way: string;
    readonly kind: 'native' | 'stand_in';
    start(options: ServerOptions): Promise<TestServer>;
  }[];
}

/** How a store keeps tests apart: by a database, or by what names begin with. See `freshDatabase`. */
export interface DatabaseRecipe {
  /**
   * Makes it where it has to be made.
   * @param url The server's URL.
   * @param name Unique on the server: lower-case letters, digits and underscores, at most 45.
   * @throws the driver's error when the server does not answer.
   */
  create(url: string, name: string): Promise<void>;
  /** Drops it with all it holds. Does nothing when there is none. */
  drop(url: string, name: string): Promise<void>;
  /** The server's URL with it in. */
  urlOf(url: string, name: string): string;
}
