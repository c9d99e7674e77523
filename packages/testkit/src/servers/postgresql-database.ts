import { withDatabase } from './database-url.ts';
import type { DatabaseRecipe } from './server.ts';

/** A database of PostgreSQL. */
export const postgresqlDatabases: DatabaseRecipe = {
  create: (url, name) => runSql(url, `CREATE DATABASE "${name}"`),
  drop: (url, name) => runSql(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  urlOf: withDatabase,
};

async function runSql(url: string, sql: string): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
