import { existsSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataFolder, type DataFolder, removeDataFolder } from './data-folder.ts';
import { onPort } from './free-port.ts';
import type { FindMariadb, MariadbPrograms } from './mariadb-programs.ts';
import { startNativeServer } from './native-server.ts';
import { runTool } from './run-tool.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user.ts';

/**
 * Settings of every MariaDB the testkit starts: a binlog by row with column names, ready for change data capture; UTF-8, which
 * is not yet the default of 10.11; little memory; fast rather than safe against a power cut, while what has been committed
 * survives a kill.
 */
export const mariadbSettings: Readonly<Record<string, string>> = {
  'log-bin': 'binlog',
  'server-id': '1',
  'binlog-format': 'ROW',
  'binlog-row-metadata': 'FULL',
  'sync-binlog': '0',
  'innodb-flush-log-at-trx-commit': '2',
  'innodb-buffer-pool-size': '128M',
  'character-set-server': 'utf8mb4',
  'local-infile': 'ON',
  'log-bin-trust-function-creators': 'ON',
  'max-connections': '200',
  'default-time-zone': '+00:00',
};

/**
 * Starts a MariaDB of this machine as a child process. The user `root` needs no password; the server listens on 127.0.0.1 only
 * and has an empty database `test`.
 * @throws Error when the program is missing, the port is taken or the server does not start.
 */
export async function startMariadbProcess(options: ServerOptions, find: FindMariadb): Promise<TestServer> {
  const user = await unprivilegedUser();
  const programs = await find(options.env ?? process.env, user);
  return await onPort(options.port, (port) => startOn(port, programs, user, options));
}

async function startOn(
  port: number,
  programs: MariadbPrograms,
  user: UnprivilegedUser | undefined,
  options: ServerOptions,
): Promise<TestServer> {
  const folder = await createDataFolder('mariadb', options.dataDir, user);
  const data = join(folder.path, 'db');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TMPDIR: folder.path, TZ: 'UTC' };
  const given = Object.entries(options.settings ?? {}).map(([name, value]) => `--${name}=${value}`);
  // No file of this machine's own MariaDB is read.
  const common = [
    '--no-defaults',
    ...(programs.baseDir === undefined ? [] : [`--basedir=${programs.baseDir}`]),
    `--datadir=${data}`,
  ];
  if (!existsSync(join(data, 'mysql'))) {
    try {
      await installDb(programs, [...common, ...given], { folder, env, user });
    } catch (error) {
      await removeDataFolder(folder);
      throw error;
    }
  }
  const settings = Object.entries(mariadbSettings).map(([name, value]) => `--${name}=${value}`);
  return await startNativeServer({
    store: 'mariadb',
    url: `mysql://root@127.0.0.1:${port}/test`,
    kind: 'native',
    description: `MariaDB ${programs.version}, ${programs.origin}`,
    folder,
    keepsData: true,
    process: {
      name: 'MariaDB',
      command: programs.mariadbd,
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
      readyLine: /mariadbd: ready for connections\./,
      ...(folder.temporary && { stopSignal: 'SIGKILL' }),
    },
  });
}

interface InstallContext {
  readonly folder: DataFolder;
  readonly env: Readonly<Record<string, string>>;
  readonly user: UnprivilegedUser | undefined;
}

async function installDb(
  programs: MariadbPrograms,
  args: readonly string[],
  { folder, env, user }: InstallContext,
): Promise<void> {
  // Its test database would come with rights for everybody.
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  await runTool(programs.installDb, [...args, ...options], { user, cwd: folder.path, env, timeout: 120_000 });
  // To MariaDB, a database is a folder.
  const database = join(folder.path, 'db', 'test');
  await mkdir(database);
  if (user) await chown(database, user.uid, user.gid);
}
