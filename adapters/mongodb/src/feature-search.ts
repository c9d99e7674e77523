import { PolyshiftError } from '@polyshift/core';
import type { Db, MongoClient } from 'mongodb';
import { type Features, findFeatures, sayHello } from './features.ts';

/** What is found out about a server by trying. */
interface Found {
  readonly features: Features;
  readonly maxStatements: number;
}

/**
 * Finds out what a server can do, once: on connecting, or on a connection that is for looking alone when the first plan needs it. Trying takes some twenty round
 * trips and a collection that is dropped at once, which `status` has no use for.
 */
export class FeatureSearch {
  private readonly find: () => Promise<Found>;
  private searching: Promise<Found> | undefined;
  private found: Found | undefined;

  /** @param without features that are taken for missing */
  constructor(client: MongoClient, db: Db, without: readonly (keyof Features)[]) {
    this.find = async () => {
      const hello = await sayHello(db);
      const features = await findFeatures(client, db, hello);
      return {
        features: { ...features, ...Object.fromEntries(without.map((name) => [name, false])) },
        maxStatements: Number(hello['maxWriteBatchSize'] ?? 1000),
      };
    };
  }

  /** Waits until it is known. A search that failed is made again by the next call. */
  async ready(): Promise<Features> {
    this.searching ??= this.find();
    try {
      this.found = await this.searching;
    } catch (error) {
      this.searching = undefined;
      throw error;
    }
    return this.found.features;
  }

  /** What was found. Throws INTERNAL before `ready`: a feature that is not known must never be taken for missing. */
  get known(): Found {
    if (this.found) return this.found;
    throw new PolyshiftError('INTERNAL', 'what the server can do was asked for before it was found out');
  }
}

/** Lets methods wait until it is known what the server can do. For methods that give promises; missing ones are left missing. */
export function afterSearch<Methods extends object>(
  methods: Methods,
  names: readonly (keyof Methods)[],
  search: FeatureSearch,
): Methods {
  const waiting = { ...methods };
  for (const name of names) {
    const method = methods[name];
    if (typeof method !== 'function') continue;
    waiting[name] = (async (...parameters: unknown[]) => {
      await search.ready();
      return method.apply(methods, parameters);
    }) as Methods[typeof name];
  }
  return waiting;
}
