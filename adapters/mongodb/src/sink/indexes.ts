import type {
  IndexPlan,
  IndexSchema,
  JsonObject,
  KeptIndex,
  LoadUndo,
  RunContext,
  SinkIndexes,
  SinkTarget,
} from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { hasCode } from '../errors.ts';
import { canonicalJson, indexSpecification } from '../index-definition.ts';
import { introspectOne, listIndexes } from '../introspect.ts';
import { buildIndex, dropIndex } from '../operations/create-index.ts';
import { collectionOf, type Store } from '../store.ts';

/** The indexes of collections that loads write: dropped at once, and built while everybody writes. */
export function mongodbSinkIndexes(store: Store): SinkIndexes {
  return {
    async plan({ collection }: SinkTarget): Promise<IndexPlan> {
      const sharded = await isSharded(store, collection);
      const all = (await listIndexes(store, collection)).map((index) => ({ index, why: whyItStays(index, sharded) }));
      const dropped = all.flatMap(({ index, why }) => (why === undefined ? [keptIndex(index)] : []));
      const stays = all.flatMap(({ index, why }) => (why === undefined ? [] : [{ name: index.name, why }]));
      return {
        dropped,
        stays: [{ name: '_id_', why: 'is the index of _id' }, ...stays],
        statements: {
          before: dropped.map(({ name }) => JSON.stringify({ dropIndexes: collection, index: name })).reverse(),
          after: dropped.map(({ definition }) => JSON.stringify({ createIndexes: collection, indexes: [definition] })),
        },
      };
    },

    async drop({ collection }: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
      const there = (await listIndexes(store, collection)).find(({ name }) => name === index.name);
      if (!there || !isSame(there, index)) return;
      await run.guard();
      await dropIndex(store, collection, index.name);
    },

    async build({ collection }: LoadUndo, index: KeptIndex, run: RunContext): Promise<void> {
      if (!(await introspectOne(store, collection))) return;
      await run.guard();
      try {
        // Asked for also where it is listed already: it is listed from the beginning of its build, whose end this waits for.
        await buildIndex(store, collection, indexSpecification(index.definition));
      } catch (error) {
        if (!hasCode(error, 85, 86)) throw error;
        throw otherIndex(collection, index);
      }
      const built = (await listIndexes(store, collection)).find(({ name }) => name === index.name);
      if (!built || !isSame(built, index)) throw otherIndex(collection, index);
    },

    async missing({ collection }: LoadUndo, indexes: readonly KeptIndex[]): Promise<string[]> {
      if (!(await introspectOne(store, collection))) return [];
      const listed = await listIndexes(store, collection);
      const building = await underWay(store, collection);
      return indexes.flatMap((index) => {
        const there = listed.find(({ name }) => name === index.name);
        return there && isSame(there, index) && !building.has(index.name) ? [] : [index.name];
      });
    },
  };
}

/** Why an index stays; undefined where it can be dropped. */
function whyItStays({ unique, keys, definition }: IndexSchema, sharded: boolean): string | undefined {
  const options = definition as JsonObject;
  if (options['clustered'] === true) return 'is the order of the documents';
  if (unique || options['prepareUnique'] === true) return 'keeps documents unique';
  if (options['expireAfterSeconds'] !== undefined) return 'deletes documents that have expired';
  const needed = keys.find(({ direction }) => ['text', '2d', '2dsphere', 'geoHaystack'].includes(String(direction)));
  if (needed) return `is what queries of the kind ${String(needed.direction)} need, which fail without it`;
  if (sharded) return 'may serve the shard key';
  return undefined;
}

/** Whether the documents are spread over shards: only a router answers for such a collection, and it says so. */
async function isSharded(store: Store, collection: string): Promise<boolean> {
  try {
    const [stats] = await collectionOf(store, collection)
      .aggregate<Document>([{ $collStats: { storageStats: {} } }, { $match: { shard: { $exists: true } } }, { $limit: 1 }])
      .toArray();
    return stats !== undefined;
  } catch {
    // Servers that only stand in for MongoDB do not have the stage, nor shards.
    return false;
  }
}

/** Indexes whose build is not at its end yet. */
async function underWay(store: Store, collection: string): Promise<Set<string>> {
  try {
    const stats = await collectionOf(store, collection)
      .aggregate<Document>([{ $indexStats: {} }, { $match: { building: true } }])
      .toArray();
    return new Set(stats.map(({ name }) => String(name)));
  } catch {
    // It needs a right of its own; what is listed counts then.
    return new Set();
  }
}

function keptIndex({ name, definition }: IndexSchema): KeptIndex {
  return { name, definition: definition as JsonObject };
}

function isSame({ definition }: IndexSchema, index: KeptIndex): boolean {
  return canonicalJson(definition) === canonicalJson(index.definition);
}

function otherIndex(collection: string, { name, definition }: KeptIndex): PolyshiftError {
  return new PolyshiftError(
    'ALREADY_EXISTS',
    `Another index ${name} was made since that of ${collection} was dropped for the load.`,
    {
      hint: `Drop it, then run the same command again: ${JSON.stringify(definition)}`,
    },
  );
}
