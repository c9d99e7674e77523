import type { StoreSession } from '@polyshift/core';
import { checkQuery } from './check-query.ts';
import { fingerprint } from './fingerprint.ts';
import { operationHandlers } from './handlers.ts';
import { introspect } from './introspect.ts';
import { journalStore } from './journal.ts';
import { keptAside, strayAside } from './kept-aside.ts';
import { lockStore } from './lock.ts';
import { rowOperations } from './row-operations.ts';
import { countItems } from './rows/filtered-scan.ts';
import { rowStore } from './rows/row-store.ts';
import { dynamodbSink } from './sink.ts';
import { dynamodbSource } from './source.ts';
import { noCollection, type Store } from './store.ts';
import { isThere } from './tables/describe.ts';
import { translateErrors } from './translate-errors.ts';

/** A session over a connected store. */
export function openSession(store: Store): StoreSession {
  const rows = rowStore(store);
  const close = async (): Promise<void> => store.close();
  const session: StoreSession = {
    server: store.server,
    operations: operationHandlers(store, rowOperations(store, rows)),
    journal: translateErrors(journalStore(store), 'journal'),
    locks: translateErrors(lockStore(store), 'lock'),
    source: dynamodbSource(store),
    sink: dynamodbSink(store, rows),
    introspect: (names) => introspect(store, names),
    fingerprint: (name) => fingerprint(store, name),
    async count(name, conditions) {
      if (!(await isThere(store, name))) throw noCollection(store, name);
      return countItems(store, name, conditions);
    },
    keptAside: (aside) => keptAside(store, rows, aside),
    strayAside: (known) => strayAside(store, known),
    query: (text) => checkQuery(store, text),
    close,
    [Symbol.asyncDispose]: close,
  };
  return translateErrors(session, 'DynamoDB');
}
