import { type Migration, type StoreSession, up } from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { keyOf, type MatrixStore } from '../matrix/stores.ts';
import { migration } from '../runner/stores.ts';

/** A database with a collection `b`, which every hostile text of these tests tries to drop. */
export interface StageWithBystander extends AsyncDisposable {
  readonly session: StoreSession;
  readonly url: string;
  /** What has made the collection. */
  readonly migration: Migration;
}

/** Makes one. */
export async function openBystander({ server, adapter }: MatrixStore): Promise<StageWithBystander> {
  const database = await freshDatabase(await sharedServer(server), 'hostile');
  const session = await adapter.connect(database.url);
  const key = keyOf(adapter);
  const fields = [
    { name: key, type: 'int32', nullable: false },
    { name: 'c', type: 'text' },
  ];
  const made = migration('1', [
    { type: 'create_collection', collection: 'b', data: { fields, key: [key] } },
    { type: 'load', collection: 'b', data: { rows: [{ [key]: 1, c: 'untouched' }], key: [key] } },
  ]);
  await up({ session, migrations: [made] });
  return {
    session,
    url: database.url,
    migration: made,
    async [Symbol.asyncDispose]() {
      await session.close();
      await database.drop();
    },
  };
}

/** The fingerprints of all collections. */
export async function stateOf(session: StoreSession) {
  const { collections } = await session.introspect();
  const names = Object.keys(collections).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await session.fingerprint(name)] as const)));
}
