import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataFolder, removeDataFolder } from './data-folder.ts';
import { onPort } from './free-port.ts';
import type { FindMysql, MysqlPrograms } from './mysql-programs.ts';
import { startNativeServer } from './native-server.ts';
import { runTool } from './run-tool.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user.ts';

/**
 * Settings of every MySQL the testkit starts: a binlog by row with GTIDs and column names, ready for change data capture; little
 * memory; fast rather than safe against a power cut. What has been committed survives a kill: `innodb_flush_log_at_trx_commit`
 * of 0 would forget the last second, and a crash test would blame the program under test.
 */
export const mysqlSettings: Readonly<Record<string, string>> = {
  'gtid-mode': 'ON',
  'enforce-gtid-consistency': 'ON',
  'log-bin': 'binlog',
  'server-id': '1',
  'binlog-row-metadata': 'FULL',
  'sync-binlog': '0',
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-buffer-pool-size': '128M',
  'performance-schema': 'OFF',
  mysqlx: 'OFF',
  'local-infile': 'ON',
  'log-bin-trust-function-creators': 'ON',
  'max-connections': '200',
  'default-time-zone': '+00:00',
};

/**
 * Starts a MySQL of this machine as a child process. The user `root` needs no password; the server listens on 127.0.0.1 only
 * and has an empty database `test`.
 * @throws Error when the program is missing, the port is taken or the server does not start.
 */
export async function startMysqlProcess(options: ServerOptions, find: FindMysql): Promise<TestServer> {
  const user = await unprivilegedUser();
  const programs = await find(options.env ?? process.env, user);
  return await onPort(options.port, (port) => startOn(port, programs, user, options));
}

async function startOn(
  port: number,
  { mysqld, baseDir, version, origin }: MysqlPrograms,
  user: UnprivilegedUser | undefined,
  options: ServerOptions,
): Promise<TestServer> {
  const folder = await createDataFolder('mysql', options.dataDir, user);
  const data = join(folder.path, 'db');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TMPDIR: folder.path, TZ: 'UTC' };
  const given = Object.entries(options.settings ?? {}).map(([name, value]) => `--${name}=${value}`);
  // No file of this machine's own MySQL is read.
  const common = ['--no-defaults', `--basedir=${baseDir}`, `--datadir=${data}`];
  if (!existsSync(join(data, 'mysql.ibd'))) {
    try {
      const sql = join(folder.path, 'initialize.sql');
      await writeFile(sql, 'CREATE DATABASE test;\n');
      // Settings such as lower_case_table_names can only be chosen now.
      const args = [...common, '--initialize-insecure', `--init-file=${sql}`, ...given];
      await runTool(mysqld, args, { user, cwd: folder.path, env, timeout: 180_000 });
    } catch (error) {
      await removeDataFolder(folder);
      throw error;
    }
  }
  const settings = Object.entries(mysqlSettings).map(([name, value]) => `--${name}=${value}`);
  return await startNativeServer({
    store: 'mysql',
    url: `mysql://root@127.0.0.1:${port}/test`,
    kind: 'native',
    description: `MySQL ${version}, ${origin}`,
    folder,
    keepsData: true,
    process: {
      name: 'MySQL',
      command: mysqld,
      // The socket's path is relative to the data folder: a whole one could be longer than sockets may have.
      args: [
        ...common,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--socket=server.sock',
        `--tmpdir=${folder.path}`,
        ...settings,
        ...given,
      ],
      env,
      cwd: folder.path,
      user,
      logFile: join(folder.path, 'server.log'),
      pidFile: join(folder.path, 'server.pid'),
      readyLine: /mysqld: ready for connections\./,
      startTimeout: 120_000,
      ...(folder.temporary && { stopSignal: 'SIGKILL' }),
    },
  });
}
