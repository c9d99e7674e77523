import * as kit from '@polyshift/adapter-kit';
import { defineAdapter, type StoreSession } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { Database, type Tap } from './database.ts';
import { classify } from './errors.ts';
import { handlersOf } from './operations.ts';
import { Records } from './records.ts';
import { Rows } from './rows.ts';
import { sinkStore } from './sink.ts';

/** Opens a database file: `sqlite:///folder/shop.db`, made where it is missing. The tap is for tests. */
export async function connect(url: string, tap?: Tap): Promise<StoreSession> {
  const database = Database.open(new URL(url), tap);
  const records = new Records(database);
  const rows = new Rows(records);
  const [{ version }] = database.query<{ version: string }>('SELECT sqlite_version() AS version') as [{ version: string }];
  const close = async (): Promise<void> => database.close();
  return {
    server: { product: 'SQLite', version, stand_in: false, features: { transactions: true } },
    operations: handlersOf(rows),
    journal: kit.recordJournal(records),
    locks: kit.recordLocks(records, Date.now),
    source: kit.jsonSource(rows),
    sink: kit.keyedSink(sinkStore(rows)),
    introspect: (names) => rows.introspect(names),
    fingerprint: (name) => kit.fingerprintOf(rows.key(name), kit.documentPages(rows, name)),
    count: (name, conditions) => kit.countDocuments(rows, name, conditions),
    keptAside: (aside) => kit.keptByKit(rows, aside, rows.key(kit.keptName(aside)) && kit.keptName(aside)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The adapter. */
export default defineAdapter({
  store: 'sqlite',
  url_schemes: ['sqlite'],
  capabilities,
  connect: (url) => connect(url),
  classify,
});
