import { type Adapter, type PortableValue, portableColumn, type StoreSession } from '@polyshift/core';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { keyOf, type MatrixStore } from '../../matrix/stores.ts';
import { openWriter } from './registry.ts';
import type { LiveWriter } from './writer.ts';

/** The table that writers write to. */
export const table = 'items';

/** The smallest key of the rows of writers. */
export const firstKey = 1_000_000;

/** The fields of a seeded row but for its key. */
export function seededFields(id: number) {
  return { note: `seed ${id}`, mail: `user${id}@example.test`, legacy: `old ${id}` };
}

/** A database of its own with a table of seeded rows, and an application's connection to it. */
export class WriterStage implements AsyncDisposable {
  readonly store: MatrixStore;
  readonly key: string;
  readonly session: StoreSession;
  readonly database: FreshDatabase;
  readonly writer: LiveWriter;

  private constructor(parts: { store: MatrixStore; session: StoreSession; database: FreshDatabase; writer: LiveWriter }) {
    this.store = parts.store;
    this.key = keyOf(parts.store.adapter);
    this.session = parts.session;
    this.database = parts.database;
    this.writer = parts.writer;
  }

  /** A table whose rows have the keys from 1 to `rows`, on the test run's server of the store. */
  static async open(store: MatrixStore, rows: number): Promise<WriterStage> {
    const database = await freshDatabase(await sharedServer(store.server), 'writers');
    const session = await store.adapter.connect(database.url);
    await seed(session, store.adapter, rows);
    return new WriterStage({ store, session, database, writer: await openWriter[store.server](database.url, table) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer[Symbol.asyncDispose]();
    await this.session.close();
    await this.database.drop();
  }
}

async function seed(session: StoreSession, adapter: Adapter, count: number): Promise<void> {
  const key = keyOf(adapter);
  const names = Object.keys(seededFields(1));
  const columns = [portableColumn(key, { kind: 'int64' }, false), ...names.map((name) => portableColumn(name, { kind: 'text' }))];
  const target = {
    collection: table,
    columns,
    dynamic: false,
    key: [key],
    mode: 'insert',
    on_loss: 'error',
    aside: 'seed',
  } as const;
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const rows = Array.from({ length: count }, (_, index): PortableValue[] => [
    BigInt(index + 1),
    ...Object.values(seededFields(index + 1)),
  ]);
  const { inserted } = await writer.write(writer.encode({ kind: 'rows', columns, rows }).batch, { replay: false });
  if (inserted !== count) throw new Error(`only ${inserted} of ${count} rows were seeded`);
  await writer.finish();
}
