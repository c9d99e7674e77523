import { type OperationHandlers, PolyshiftError, type StoreSession } from '@polyshift/core';
import { checkQuery } from './check-query.ts';
import { conditionFilter } from './conditions.ts';
import { fingerprint } from './fingerprint.ts';
import { operationHandlers } from './handlers.ts';
import { introspect } from './introspect.ts';
import { journalStore } from './journal.ts';
import { keptAside, keptAsideEach, strayAside } from './kept-aside.ts';
import { lockStore } from './lock.ts';
import { pressure } from './pressure.ts';
import { mongodbSink } from './sink.ts';
import { mongodbSource } from './source.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** A session over a connected store. */
export function openSession(store: Store): StoreSession {
  const close = (): Promise<void> => store.client.close();
  const operations: OperationHandlers = operationHandlers(store);
  const session: StoreSession = {
    server: store.server,
    operations,
    journal: translateErrors(journalStore(store), 'journal'),
    locks: translateErrors(lockStore(store), 'lock'),
    source: mongodbSource(store),
    sink: mongodbSink(store),
    introspect: (names) => introspect(store, names),
    fingerprint: (name) => fingerprint(store, name),
    async count(name, conditions) {
      const [listed] = await store.db.listCollections({ name }, { nameOnly: true }).toArray();
      if (!listed) throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${name} in ${store.db.databaseName}`);
      return store.db.collection(name).countDocuments(conditionFilter(conditions));
    },
    keptAside: (aside) => keptAside(store, aside),
    keptAsideEach: (asides) => keptAsideEach(store, asides),
    strayAside: (known) => strayAside(store, known),
    query: (text) => checkQuery(store, text),
    pressure: () => pressure(store),
    close,
    [Symbol.asyncDispose]: close,
  };
  return translateErrors(session, 'MongoDB');
}
