import type { Adapter, AnyOperationInput, Migration, Operation, StoreSession } from '@polyshift/core';
import { checkOperation, migrationChecksum } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { freshDatabase } from '@polyshift/testkit';
import { inject } from 'vitest';

/** The stores that every test of the runner runs on. */
export const stores: {
  name: string;
  adapter: Adapter;
  key: string;
  fresh: () => Promise<{ url: string; drop(): Promise<void> }>;
}[] = [
  {
    name: 'postgresql',
    adapter: postgresql,
    key: 'id',
    fresh: () => freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }),
  },
  { name: 'mongodb', adapter: mongodb, key: '_id', fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }) },
];

/** A store of a test's own. */
export type TestStore = (typeof stores)[number];

/** Runs a test on a fresh database of a store. */
export async function onStore(store: TestStore, work: (session: StoreSession, url: string) => Promise<void>): Promise<void> {
  const database = await store.fresh();
  const session = await store.adapter.connect(database.url);
  try {
    await work(session, database.url);
  } finally {
    await session.close();
    await database.drop();
  }
}

/** A migration as if it had been read from a file. */
export function migration(version: string, inputs: readonly AnyOperationInput[], down?: readonly AnyOperationInput[]): Migration {
  const operations: Operation[] = inputs.map((input) => checkOperation(input));
  const back = down?.map((input) => checkOperation(input));
  return {
    version,
    name: `m${version}`,
    operations,
    down: back,
    checksum: migrationChecksum({ operations, ...(back ? { down: back } : {}) }),
    file: `${version}_m${version}.yaml`,
  };
}

/** The first migration of most tests: a collection with three rows. */
export function people(key: string): Migration {
  return migration('1', [
    {
      type: 'create_collection',
      collection: 'people',
      data: {
        fields: [
          { name: key, type: 'int32', nullable: false },
          { name: 'name', type: 'text' },
        ],
        key: [key],
      },
    },
    {
      type: 'load',
      collection: 'people',
      data: { rows: [1, 2, 3].map((id) => ({ [key]: id, name: id === 3 ? 'Ann' : `P${id}` })), key: [key] },
    },
  ]);
}
