import type { ConnectOptions, StoreSession } from '@polyshift/core';
import { defineAdapter } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { Database } from './database.ts';
import { classify } from './errors.ts';
import { describeServer } from './server-features.ts';
import { MysqlSession } from './session.ts';

/** The adapter for MySQL and MariaDB. */
export const mysql = defineAdapter({
  store: 'mysql',
  url_schemes: ['mysql', 'mariadb'],
  capabilities,
  ca_option: 'driver.ssl.ca',
  async connect(url: string, options?: ConnectOptions): Promise<StoreSession> {
    const database = await Database.connect(url, options);
    try {
      const { server, dialect } = await database.use(describeServer);
      return new MysqlSession(database, server, dialect);
    } catch (error) {
      await database.close();
      throw error;
    }
  },
  classify,
});
