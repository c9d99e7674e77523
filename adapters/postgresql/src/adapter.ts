import type { ConnectOptions, ServerInfo, StoreSession } from '@polyshift/core';
import { defineAdapter } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { Database } from './database.ts';
import { classify } from './errors.ts';
import { PostgresSession } from './session.ts';

/** The adapter for PostgreSQL, and for servers that speak its protocol and have its catalogs. */
export const postgresql = defineAdapter({
  store: 'postgresql',
  url_schemes: ['postgresql', 'postgres'],
  capabilities,
  ca_option: 'driver.ssl.ca',
  async connect(url: string, options?: ConnectOptions): Promise<StoreSession> {
    const database = await Database.connect(url, options);
    try {
      return new PostgresSession(database, await describeServer(database));
    } catch (error) {
      await database.close();
      throw error;
    }
  },
  classify,
});

/** Asks the catalogs what this server has; its version is only for people. */
async function describeServer(database: Database): Promise<ServerInfo> {
  const row = await database.row<Record<string, boolean | string>>(`
    SELECT current_setting('server_version') AS version, version() AS product,
      EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'pg_constraint'::regclass AND attname = 'conenforced') AS not_null_constraints,
      pg_is_in_recovery() AS standby`);
  const { version, product, ...features } = row!;
  return {
    product: String(product).split(' ')[0] ?? 'PostgreSQL',
    version: String(version),
    stand_in: false,
    features: { transactions: true, ...(features as Record<string, boolean>) },
  };
}
