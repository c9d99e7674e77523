import { jsonRowEncoder, type SinkStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import type { Rows } from './rows.ts';

/** What the kit's sink needs to know. */
export function sinkStore(rows: Rows): SinkStore<JsonValue> {
  return {
    store: rows,
    async state(collection) {
      if (rows.key(collection) === undefined) return 'absent';
      return (await rows.approximateCount(collection)) === 0 ? 'empty' : 'filled';
    },
    plan: async ({ collection, key }) => ({ statements: [`INSERT INTO ${collection}, by ${key.join(', ')}`] }),
    create: ({ collection, key }) => rows.create(collection, key),
    clear: (collection) => rows.clear(collection),
    drop: (collection) => rows.drop(collection),
    count: (collection) => rows.approximateCount(collection),
    encoder: async ({ key }) => jsonRowEncoder(key),
  };
}
