import { withDatabase } from './database-url.ts';
import type { DatabaseRecipe } from './server.ts';

/** A database of MongoDB. It comes into being with its first document. */
export const mongodbDatabases: DatabaseRecipe = {
  create: async () => {},
  async drop(url, name) {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
    try {
      await client.db(name).dropDatabase();
    } finally {
      await client.close();
    }
  },
  urlOf: withDatabase,
};
