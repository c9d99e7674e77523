import {
  type Adapter,
  type OperationType,
  operationTypes,
  PolyshiftError,
  type StoreSession,
  simpleKinds,
  type TypeKind,
  type TypeTarget,
  type Unsupported,
} from '@polyshift/core';
import { type MemoryDatabase, memoryJournal, memoryLocks } from './database.ts';
import { memorySink } from './sink.ts';
import { memorySource } from './source.ts';

/** The clients of a memory store that were opened by an adapter: killing them is what a dying process does to its connections. */
export interface MemoryClients {
  killAll(): void;
}

const types = Object.fromEntries(
  [...simpleKinds, 'enum', 'array', 'range', 'native'].map((kind) => [kind, { native: kind, losses: [] }]),
) as unknown as Record<TypeKind, TypeTarget>;

/** An adapter for stores in this process: complete for ETL, without operations. URLs are `memory:NAME`. */
export function memoryAdapter(databases: Readonly<Record<string, MemoryDatabase>>): Adapter & MemoryClients {
  const clients: { dead: boolean }[] = [];
  const unsupported: Unsupported = { supported: false, reason: 'a store for ETL alone' };
  return {
    store: 'memory',
    url_schemes: ['memory'],
    capabilities: {
      store: 'memory',
      title: 'Memory',
      operations: Object.fromEntries(operationTypes.map((type) => [type, unsupported])) as Record<OperationType, Unsupported>,
      transactions: 'none',
      validation: 'none',
      fixed_columns: true,
      nested: true,
      source: true,
      sink: true,
      types,
      limits: { batch_rows: 100_000, batch_bytes: 1e9, row_bytes: 1e6 },
    },
    killAll: () => {
      for (const client of clients) client.dead = true;
    },
    classify: () => ({ code: 'INTERNAL', retryable: false }),
    async connect(url) {
      const database = databases[url.replace(/^memory:/, '')];
      if (!database || database.down)
        throw new PolyshiftError('CONNECTION_FAILED', `no memory store at ${url}`, { retryable: true });
      const client = { dead: false };
      clients.push(client);
      const close = async () => {
        client.dead = true;
      };
      const session: StoreSession = {
        server: { product: 'Memory', version: '1', stand_in: false, features: {} },
        operations: {},
        journal: memoryJournal(database, client),
        locks: memoryLocks(database, client),
        source: memorySource(database, client),
        sink: memorySink(database, client),
        introspect: async (names) => ({
          collections: Object.fromEntries(
            [...database.tables]
              .filter(([name]) => !names || names.includes(name))
              .map(([name, table]) => [
                name,
                {
                  name,
                  kind: 'table' as const,
                  fields: table.columns.map((column) => ({
                    name: column.name,
                    type: column.type,
                    native: column.type.kind,
                    nullable: true,
                  })),
                  key: table.key,
                  indexes: [],
                  constraints: [],
                },
              ]),
          ),
        }),
        fingerprint: async (name) => ({ schema: '', content: database.fingerprint(name), count: 0 }),
        count: async (name) => {
          database.answer(client);
          return database.tables.get(name)?.rows.size ?? 0;
        },
        keptAside: async () => ({ rows: 0, bytes: 0 }),
        close,
        [Symbol.asyncDispose]: close,
      };
      return session;
    },
  };
}
