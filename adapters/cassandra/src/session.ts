import type { OperationHandlers, StoreSession } from '@polyshift/core';
import { openTable } from './catalog/table.ts';
import { checkQuery } from './check-query.ts';
import { rowConditions } from './conditions.ts';
import { countRows } from './count.ts';
import { fingerprint } from './fingerprint.ts';
import { operationHandlers } from './handlers.ts';
import { introspect } from './introspect.ts';
import { journalStore } from './journal.ts';
import { keptAside, strayAside } from './kept-aside.ts';
import { lockStore } from './lock.ts';
import { cassandraSink } from './sink.ts';
import { cassandraSource } from './source.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** A session over a connected store. */
export function openSession(store: Store): StoreSession {
  const close = (): Promise<void> => store.client.shutdown();
  const operations: OperationHandlers = operationHandlers(store);
  const session: StoreSession = {
    server: store.server,
    operations,
    journal: translateErrors(journalStore(store), 'journal'),
    locks: translateErrors(lockStore(store), 'lock'),
    source: cassandraSource(store),
    sink: cassandraSink(store),
    introspect: (names) => introspect(store, names),
    fingerprint: (name) => fingerprint(store, name),
    async count(name, conditions) {
      const table = await openTable(store, name);
      return countRows(store, table, rowConditions(table, conditions));
    },
    keptAside: (aside) => keptAside(store, aside),
    strayAside: (known) => strayAside(store, known),
    query: (text) => checkQuery(store, text),
    close,
    [Symbol.asyncDispose]: close,
  };
  return translateErrors(session, 'Cassandra');
}
