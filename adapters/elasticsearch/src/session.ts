import type { StoreSession } from '@polyshift/core';
import { checkQuery } from './check-query.ts';
import { fingerprint } from './fingerprint.ts';
import { operationHandlers } from './handlers.ts';
import { closeClient } from './http/close-client.ts';
import { introspect } from './introspect.ts';
import { journalStore } from './journal.ts';
import { keptAside, strayAside } from './kept-aside.ts';
import { lockStore } from './lock.ts';
import { partsOf } from './operations/parts.ts';
import { elasticsearchSink } from './sink.ts';
import { elasticsearchSource } from './source.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** A session over a connected store. */
export function openSession(store: Store): StoreSession {
  const parts = partsOf(store);
  const source = elasticsearchSource(store);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeClient(store.client);
    return closing;
  };
  const session: StoreSession = {
    server: store.server,
    operations: operationHandlers(parts),
    journal: translateErrors(journalStore(store), 'journal'),
    locks: translateErrors(lockStore(store), 'lock'),
    source,
    sink: elasticsearchSink(parts),
    introspect: (names) => introspect(store, names),
    fingerprint: (name) => fingerprint(store, name),
    async count(name, conditions) {
      await using scan = await source.scan({ collection: name, conditions });
      return scan.count();
    },
    keptAside: (aside) => keptAside(parts, aside),
    strayAside: (known) => strayAside(store, known),
    query: (text) => checkQuery(store, text),
    close,
    [Symbol.asyncDispose]: close,
  };
  return translateErrors(session, 'Elasticsearch');
}
