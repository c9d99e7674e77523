import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { withDatabase, withParameter } from '../src/servers/database-url.ts';
import { whyNoContainerEngine } from '../src/servers/docker.ts';
import { ServerUnavailableError } from '../src/servers/errors.ts';
import { freePort, isPortFree } from '../src/servers/free-port.ts';
import { type ProcessSpec, startProcess } from '../src/servers/process.ts';
import { startServer } from '../src/servers/start-server.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyshift-servers-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('startServer', () => {
  test('takes the server the environment names and leaves it alone on stop', async () => {
    const env = { PG_URL: inject('postgresqlUrl') };
    const server = await startServer('postgresql', { env });
    expect(server).toMatchObject({ kind: 'environment', url: env.PG_URL, refused: [] });
    expect(server.description).toMatch(/^PostgreSQL .*, from PG_URL$/);
    expect(server.process).toBeUndefined();
    await server.stop();
    await expect(startServer('postgresql', { env })).resolves.toMatchObject({ kind: 'environment' });
  });

  test('does not put another server in the place of one that the person named', async () => {
    const port = await freePort();
    const attempt = startServer('postgresql', { env: { PG_URL: `postgresql://postgres@127.0.0.1:${port}/postgres` } });
    await expect(attempt).rejects.toThrow(ServerUnavailableError);
    await expect(attempt).rejects.toThrow(/PG_URL: does not answer: .*ECONNREFUSED/);
  });

  test('names each way it tried when there is none', async () => {
    const began = Date.now();
    const env = { PATH: folder, DOCKER_HOST: 'tcp://127.0.0.1:1', JAVA_HOME: '/nowhere', XDG_CACHE_HOME: folder };
    const error = await startServer('mongodb', { env, kinds: ['environment', 'docker', 'stand_in'] }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ServerUnavailableError);
    expect(String(error)).toMatch(/Docker \(mongo:8\): no engine answers at tcp:\/\/127\.0\.0\.1:1\n/);
    // Whether a JDK is found outside the PATH depends on the machine.
    expect(String(error)).toMatch(/stand-in .*: needs (?:Java 17 or newer|Maven the first time) .*cannot be run/);
    expect(String(error)).toContain('Set MONGO_URL');
    expect(Date.now() - began).toBeLessThan(30_000);
  });

  test('refuses a taken port', async () => {
    const port = Number(new URL(inject('postgresqlUrl')).port);
    await expect(startServer('postgresql', { port, kinds: ['native'] })).rejects.toThrow(`port ${port} is taken`);
  });
});

describe('whyNoContainerEngine', () => {
  test('is quick where nothing answers', async () => {
    const silent = createTcpServer(() => {}).listen(join(folder, 'silent.sock'));
    const began = Date.now();
    expect(await whyNoContainerEngine({ DOCKER_HOST: `unix://${folder}/silent.sock` })).toContain('no engine answers');
    expect(await whyNoContainerEngine({ DOCKER_HOST: `unix://${folder}/missing.sock` })).toContain('no engine answers');
    expect(Date.now() - began).toBeLessThan(20_000);
    silent.close();
  });

  test('finds an engine', async () => {
    const engine = createServer((request, response) => {
      response.statusCode = request.url === '/_ping' ? 200 : 404;
      response.end('OK');
    });
    await new Promise<void>((resolve) => engine.listen(join(folder, 'engine.sock'), resolve));
    expect(await whyNoContainerEngine({ DOCKER_HOST: `unix://${folder}/engine.sock` })).toBeUndefined();
    engine.close();
  });
});

describe('startProcess', () => {
  const spec = (script: string): ProcessSpec => ({
    name: 'The program',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    cwd: folder,
    logFile: join(folder, 'log'),
    pidFile: join(folder, 'pid'),
    readyLine: /^ready$/m,
    startTimeout: 2_000,
    stopTimeout: 300,
  });

  test('shows the end of the log of a program that fails', async () => {
    await expect(startProcess(spec("console.error('no disk'); process.exit(3)"))).rejects.toThrow(
      'The program ended with exit status 3 while starting.\nno disk',
    );
    await expect(startProcess({ ...spec(''), command: '/nowhere/program' })).rejects.toThrow(/cannot be run .*ENOENT/);
  });

  test('ends a program that does not get ready', async () => {
    const stuck = { ...spec('console.log(process.pid); setInterval(() => {}, 1e6)'), startTimeout: 500 };
    const error = await startProcess(stuck).then(() => undefined, String);
    expect(error).toContain('was not ready within 0.5 s');
    const pid = Number(/^\d+$/m.exec(error ?? '')?.[0]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('stops a program that ignores the signal', async () => {
    const running = await startProcess(spec("process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1e6)"));
    await running.stop();
    expect(() => process.kill(running.pid, 0)).toThrow('ESRCH');
    await running.stop();
  });
});

test('freePort gives a port that is free', async () => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  const taken = createTcpServer();
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
  expect(await isPortFree(port)).toBe(false);
  taken.close();
});

test.each([
  ['postgresql://u:p@h:5432/postgres?sslmode=require', 'postgresql://u:p@h:5432/db?sslmode=require'],
  ['postgresql://h', 'postgresql://h/db'],
  ['mongodb://a:1,b:2/?replicaSet=rs0', 'mongodb://a:1,b:2/db?replicaSet=rs0'],
  ['mongodb://u:p@h/', 'mongodb://u:p@h/db?authSource=admin'],
  ['mongodb+srv://u:p@h/app?w=1', 'mongodb+srv://u:p@h/db?w=1&authSource=app'],
  ['mongodb://u:p@h/app?authSource=users', 'mongodb://u:p@h/db?authSource=users'],
])('withDatabase puts a database into %s', (url, expected) => {
  expect(withDatabase(url, 'db')).toBe(expected);
});

test.each([
  ['redis://h:6379/0', 'redis://h:6379/0?key_prefix=a%3A'],
  ['http://u:p@h:9200', 'http://u:p@h:9200?key_prefix=a%3A'],
  ['dynamodb://k:s@h?region=local&key_prefix=b', 'dynamodb://k:s@h?region=local&key_prefix=a%3A'],
])('withParameter sets a parameter of %s', (url, expected) => {
  expect(withParameter(url, 'key_prefix', 'a:')).toBe(expected);
});
