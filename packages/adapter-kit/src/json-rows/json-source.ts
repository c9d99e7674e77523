import { type JsonValue, PolyshiftError, type Source } from '@polyshift/core';
import { compileConditions } from '../conditions/compile-conditions.ts';
import type { RowBatchOf } from '../row-store.ts';
import { jsonBatch } from './json-batch.ts';
import { jsonCodec } from './json-codec.ts';

/** What a store must give for a source over its rows. */
export interface JsonSourceStore {
  /** The key fields of a collection; undefined where there is none. */
  keyOf(collection: string): Promise<readonly string[] | undefined>;
  /** Rows, exactly or from statistics. */
  approximateCount(collection: string): Promise<number | undefined>;
  /** Places of the scan that split it into about `want` equal parts, at most `want` - 1 of them, in order. */
  splits(collection: string, want: number): Promise<readonly JsonValue[]>;
  /** The rows behind `after` up to `end` and with it, null being the first and the last, in an order that stays; see `RowStore.scan`. */
  range(collection: string, after: JsonValue, end: JsonValue, batch_size: number): AsyncIterable<RowBatchOf<JsonValue>>;
}

/** A source over rows as JSON: conditions are judged here, for the store cannot. */
export function jsonSource(store: JsonSourceStore): Source {
  return {
    async scan({ collection, conditions }) {
      const key = await store.keyOf(collection);
      if (key === undefined) throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${collection}`);
      const meets = compileConditions(conditions);
      const chosen = ({ rows }: RowBatchOf<JsonValue>) => rows.filter(({ row }) => meets(jsonCodec.decode(collection, row)));
      return {
        description: { columns: [], dynamic: true, key, approximate_count: await store.approximateCount(collection) },
        async count() {
          let count = 0;
          for await (const page of store.range(collection, null, null, 1000)) count += chosen(page).length;
          return count;
        },
        async partitions(want) {
          const places = [null, ...(await store.splits(collection, want)), null];
          return places.slice(1).map((end, id) => ({ id, bounds: [places[id]!, end] as JsonValue }));
        },
        async *read({ bounds }, { batch_size, after }) {
          const [from, end] = bounds as [JsonValue, JsonValue];
          for await (const page of store.range(collection, after ?? from, end, batch_size))
            yield { batch: jsonBatch(chosen(page)), last_key: page.last };
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
