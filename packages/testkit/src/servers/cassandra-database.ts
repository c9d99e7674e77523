import { withCassandra } from './cassandra-connection.ts';
import { withDatabase } from './database-url.ts';
import type { DatabaseRecipe } from './server.ts';

/** A keyspace of Cassandra with one copy of the data. */
export const cassandraDatabases: DatabaseRecipe = {
  create: (url, name) =>
    withCassandra(url, async (client) => {
      const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
      await client.execute(`CREATE KEYSPACE "${name}" WITH replication = ${replication}`);
    }),
  drop: (url, name) =>
    withCassandra(url, async (client) => {
      await client.execute(`DROP KEYSPACE IF EXISTS "${name}"`);
    }),
  urlOf: withDatabase,
};
