import { join } from 'node:path';
import { createDataFolder } from './data-folder.ts';
import { installDebianPackages } from './debian-package.ts';
import { findProgram } from './find-program.ts';
import { onPort } from './free-port.ts';
import { startNativeServer } from './native-server.ts';
import { runTool } from './run-tool.ts';
import type { ServerOptions, TestServer } from './server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings of every Redis the testkit starts. Each write is in the append-only file before it is answered, so that a server
 * that is killed comes back with it.
 */
export const redisSettings: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '',
  'protected-mode': 'no',
};

/**
 * Starts a redis-server of this machine as a child process; root on Debian installs it when there is none. It needs no
 * password and listens on 127.0.0.1 only.
 * @throws Error when the program is missing, the port is taken or the server does not start.
 */
export async function startRedisProcess(options: ServerOptions): Promise<TestServer> {
  const command = await redisProgram(options.env ?? process.env);
  // The program goes by the name it is called by.
  const argv0 = 'redis-server';
  const version = /v=(\S+)/.exec(await runTool(command, ['--version'], { argv0, cwd: '/' }))?.[1];
  if (version === undefined) throw new Error(`${command} is not Redis`);
  return await onPort(options.port, async (port) => {
    const folder = await createDataFolder('redis', options.dataDir);
    const settings = Object.entries({ ...redisSettings, ...options.settings });
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--daemonize', 'no'];
    return await startNativeServer({
      store: 'redis',
      url: `redis://127.0.0.1:${port}/0`,
      kind: 'native',
      description: `Redis ${version}, installed`,
      folder,
      keepsData: true,
      process: {
        name: 'Redis',
        command,
        argv0,
        args: [...own, ...settings.flatMap(([name, value]) => [`--${name}`, value])],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
        cwd: folder.path,
        logFile: join(folder.path, 'server.log'),
        pidFile: join(folder.path, 'server.pid'),
        readyLine: /Ready to accept connections/,
      },
    });
  });
}

/**
 * Debian's package `redis-server` only adds a service and another name for the program `redis-check-rdb`, which is the whole
 * server and comes with `redis-tools`.
 */
async function redisProgram(env: Environment): Promise<string> {
  const names = ['redis-server', 'valkey-server', 'redis-check-rdb'];
  const present = findProgram(names, env);
  if (present !== undefined) return present;
  await installDebianPackages(['redis-tools'], env);
  const installed = findProgram(names, env);
  if (installed === undefined) throw new Error('redis-server is not on the PATH');
  return installed;
}
