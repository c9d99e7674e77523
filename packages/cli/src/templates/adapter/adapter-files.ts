import type { AdapterSkeleton } from './project-files.ts';

/** The entry of a new adapter, its capabilities and its errors, by path. */
export function adapterFiles({ name }: AdapterSkeleton): Record<string, string> {
  return {
    'src/index.ts': `import { countDocuments, documentPages, fingerprintOf, jsonSource, keptByKit, keptName, keyedSink, recordJournal, recordLocks } from '@polyshift/adapter-kit';
import { defineAdapter } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { Connection } from './connection.ts';
import { classify } from './errors.ts';
import { handlersOf } from './operations.ts';
import { Records } from './records.ts';
import { Rows } from './rows.ts';
import { sinkStore } from './sink.ts';

/** The adapter of polyshift for ${name}. */
export default defineAdapter({
  store: '${name}',
  url_schemes: ['${name}'],
  capabilities,
  async connect(url, options) {
    const connection = await Connection.open(url, options);
    const records = new Records(connection);
    const rows = new Rows(connection, records);
    const close = () => connection.close();
    return {
      get server() {
        return connection.server;
      },
      operations: handlersOf(rows),
      journal: recordJournal(records),
      // Take the clock of the store where it has one: the holders of a lock may be on machines whose clocks differ.
      locks: recordLocks(records, Date.now),
      source: jsonSource(rows),
      sink: keyedSink(sinkStore(rows)),
      introspect: (names) => rows.introspect(names),
      fingerprint: async (collection) => fingerprintOf(await rows.keyOf(collection), documentPages(rows, collection)),
      count: (collection, conditions) => countDocuments(rows, collection, conditions),
      keptAside: async (aside) => keptByKit(rows, aside, (await rows.keyOf(keptName(aside))) && keptName(aside)),
      close,
      [Symbol.asyncDispose]: close,
    };
  },
  classify,
});
`,
    'src/capabilities.ts': `import { jsonTypes, undecided } from '@polyshift/adapter-kit';
import { type Capabilities, type OperationType, operationTypes, type Supported } from '@polyshift/core';

const inBatches: Supported = { supported: true, online: true, atomic: 'batch', undo: 'exact' };

/** What the kit carries over any rows. Step 7: add what the store can do besides; for the rest say why it cannot. */
const carried: Partial<Record<OperationType, Capabilities['operations'][OperationType]>> = {
  add_field: inBatches,
  rename_field: inBatches,
  remove_field: inBatches,
  change_type: inBatches,
  migrate_data: inBatches,
  extract: inBatches,
  load: inBatches,
  create_collection: { ...inBatches, atomic: 'operation' },
  drop_collection: { ...inBatches, note: 'Copied aside first.' },
  rename_collection: { ...inBatches, note: 'By copy.' },
};

/** What the adapter carries, as data: the suite holds each line against what it does. */
export const capabilities: Capabilities = {
  store: '${name}',
  title: '${name}',
  operations: Object.fromEntries(
    operationTypes.map((type) => [type, carried[type] ?? undecided(7, 'src/capabilities.ts')]),
  ) as Capabilities['operations'],
  transactions: 'none',
  validation: 'none',
  fixed_columns: false,
  nested: true,
  source: true,
  sink: true,
  // A row is kept as JSON that says its types. A store with types of its own has a table of its own here, with each loss named.
  types: jsonTypes,
  limits: { batch_rows: 1000, batch_bytes: 8 * 2 ** 20, row_bytes: 16 * 2 ** 20 },
};
`,
    'src/errors.ts': `import { type ErrorCode, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** Step 2: the codes of the driver's errors. \`retryable\` says whether the same may work in a moment. */
const codes: Readonly<Record<string, readonly [code: ErrorCode, retryable: boolean]>> = {
  ECONNRESET: ['CONNECTION_LOST', true],
  ECONNREFUSED: ['CONNECTION_FAILED', true],
};

/** See \`Adapter.classify\`. */
export function classify(error: unknown): { code: ErrorCode; retryable: boolean } {
  const [code, retryable] = codes[String((error as { code?: unknown } | undefined)?.code)] ?? ['STATEMENT_FAILED', false];
  return { code, retryable };
}

/** An error of the driver as one of polyshift: every call of the driver goes through it. */
export function translated(error: unknown): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  return new PolyshiftError(classify(error).code, \`${name}: \${(error as Error).message}\`, { cause: error, ...classify(error) });
}
`,
    'src/connection.ts': `import { leftToDo } from '@polyshift/adapter-kit';
import type { ConnectOptions, ServerInfo } from '@polyshift/core';

/** The driver's connection. */
export class Connection {
  private constructor(readonly url: string) {}

  /** Throws CONNECTION_FAILED or AUTHENTICATION_FAILED within options.connect_timeout_ms, without the password of the URL. */
  static async open(url: string, _options: ConnectOptions = {}): Promise<Connection> {
    return new Connection(url);
  }

  /** What the server says of itself: ask it in open(). */
  get server(): ServerInfo {
    return leftToDo(1, 'src/connection.ts', 'connect with the driver, fail in time where nobody answers, and ask the server for its version');
  }

  /** Ends the connection. May be called twice. */
  async close(): Promise<void> {}
}
`,
  };
}
