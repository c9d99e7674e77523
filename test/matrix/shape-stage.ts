import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Adapter, type PortableDocument, type PortableValue, portableColumn, type StoreSession } from '@polyshift/core';
import { type EtlDependencies, parseSpec, type SpecInput, verifyEtl } from '@polyshift/etl';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { afterAll, beforeAll, expect } from 'vitest';
import { type MatrixStore, matrixStores } from './stores.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-shapes-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The adapters of the matrix, for ETL. */
export const dependencies: EtlDependencies = {
  resolveAdapter: (type): Adapter => matrixStores.find(({ adapter }) => adapter.store === type)!.adapter,
};
/** The store of a server. */
export const storeOf = (server: MatrixStore['server']): MatrixStore => matrixStores.find((store) => store.server === server)!;

/** A database on a server of the matrix, with a session. */
export async function openDatabase(store: MatrixStore) {
  const database = await freshDatabase(await sharedServer(store.server), 'shapes');
  const session = await store.adapter.connect(database.url);
  return {
    session,
    endpoint: { type: store.adapter.store, url: database.url },
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await database.drop();
    },
  };
}

/** A document of these fields. */
export const map = (fields: Record<string, PortableValue>): PortableDocument => new Map(Object.entries(fields));

/** Puts documents into a collection through the sink of the store. */
export async function seed(session: StoreSession, collection: string, documents: readonly PortableDocument[]): Promise<void> {
  const names = [...documents[0]!.keys()];
  const columns = names.map((name) => portableColumn(name, { kind: 'dynamic' }, name !== '_id'));
  const target = { collection, columns, dynamic: false, key: ['_id'], mode: 'insert', on_loss: 'error', aside: 'seed' } as const;
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const rows = documents.map((document) => names.map((name) => document.get(name) ?? null));
  const encoded = writer.encode({ kind: 'rows', columns, rows });
  expect(await writer.write(encoded.batch, { replay: false })).toMatchObject({ inserted: documents.length, rejected: [] });
  await writer.finish();
}

/** A checked spec, whose files stand in a folder of the test file. */
export const spec = (input: SpecInput) => parseSpec(input, { cwd: folder });
/** What a proof of a load has found wrong. */
export const failedChecks = async (loaded: ReturnType<typeof spec>) =>
  (await verifyEtl(loaded, dependencies)).checks.filter(({ status }) => status === 'FAILED');
/** The number of rows in each collection. */
export const sizes = async (session: StoreSession) => {
  const { collections } = await session.introspect();
  const names = Object.keys(collections).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await session.count(name)] as const)));
};

/** Orders as documents: an array of lines, one of tags that orders share, a nested customer. */
export const orders = Array.from({ length: 12 }, (_, index) =>
  map({
    _id: index + 1,
    customer: map({ name: `Customer ${index % 3}`, city: `City ${index % 2}` }),
    lines: Array.from({ length: index % 4 }, (_line, line) => map({ sku: `P${line}`, quantity: index + line })),
    // One order calls a tag by another name than the others.
    tags: [index % 5, (index + 1) % 5].map((tag) =>
      map({ id: `t${tag}`, label: index === 11 && tag === 1 ? 'Other' : `Tag ${tag}` }),
    ),
  }),
);
