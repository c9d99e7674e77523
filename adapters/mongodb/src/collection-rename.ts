import { hasCode } from './errors.ts';
import { listed } from './preconditions.ts';
import { durable, type Store } from './store.ts';

/** Renames a collection, if it is still there; throws the server's error 48 where the new name is taken. */
export async function renameCollection(store: Store, from: string, to: string): Promise<void> {
  const database = store.db.databaseName;
  try {
    await store.client
      .db('admin')
      .command({ renameCollection: `${database}.${from}`, to: `${database}.${to}`, dropTarget: false, ...durable });
  } catch (error) {
    // Renamed already, by an earlier attempt.
    if (!hasCode(error, 26) || !(await listed(store, to))) throw error;
  }
}
