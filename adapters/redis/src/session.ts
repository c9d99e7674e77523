import { compileConditions } from '@polyshift/adapter-kit';
import { PolyshiftError, type StoreSession } from '@polyshift/core';
import { checkQuery } from './check-query.ts';
import { fingerprint } from './fingerprint.ts';
import { operationHandlers } from './handlers.ts';
import { introspect } from './introspect.ts';
import { journalStore } from './journal.ts';
import { keptAside, strayAside } from './kept-aside.ts';
import { exists } from './keys/scan-keys.ts';
import { lockStore } from './lock.ts';
import { rowStore } from './rows/row-store.ts';
import { redisSink } from './sink.ts';
import { redisSource } from './source.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** A session over a connected store. */
export function openSession(store: Store): StoreSession {
  const rows = rowStore(store);
  const close = async (): Promise<void> => store.client.disconnect();
  const session: StoreSession = {
    server: store.server,
    operations: operationHandlers(store, rows),
    journal: translateErrors(journalStore(store), 'journal'),
    locks: translateErrors(lockStore(store), 'lock'),
    source: redisSource(store),
    sink: redisSink(store, rows),
    introspect: (names) => introspect(store, names),
    fingerprint: (name) => fingerprint(store, name),
    async count(name, conditions) {
      if (!(await exists(store, name)))
        throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${name}: no key begins with ${name}:`);
      const meets = compileConditions(conditions);
      let count = 0;
      for await (const batch of rows.scan(name, { batch_size: 1000 })) {
        for (const { row } of batch.rows) if (meets(rows.codec.decode(name, row))) count++;
      }
      return count;
    },
    keptAside: (aside) => keptAside(store, rows, aside),
    strayAside: (known) => strayAside(store, known),
    query: (text) => checkQuery(store, text),
    close,
    [Symbol.asyncDispose]: close,
  };
  return translateErrors(session, 'Redis');
}
