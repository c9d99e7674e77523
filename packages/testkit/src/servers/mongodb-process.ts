import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDataFolder } from './data-folder.ts';
import { onPort } from './free-port.ts';
import { mongodbBinary } from './mongodb-binary.ts';
import { startNativeServer } from './native-server.ts';
import type { ServerOptions, TestServer } from './server.ts';

const replicaSet = 'rs0';

/**
 * Starts a genuine mongod, as a replica set of one member, so that transactions and change streams work. Needs no password.
 * Only the binary comes through `mongodb-memory-server`; the process is run like every other server here, because a crash
 * test must be able to kill it and start it again with its data.
 * @throws Error when there is no mongod (see {@link mongodbBinary}), the port is taken or it does not become primary.
 */
export async function startMongodbProcess(options: ServerOptions): Promise<TestServer> {
  const binary = await mongodbBinary(options.env ?? process.env);
  return await onPort(options.port, async (port) => {
    const folder = await createDataFolder('mongodb', options.dataDir);
    const data = join(folder.path, 'db');
    await mkdir(data, { recursive: true });
    const parameters = Object.entries(options.settings ?? {}).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]);
    return await startNativeServer({
      store: 'mongodb',
      url: `mongodb://127.0.0.1:${port}/?replicaSet=${replicaSet}`,
      kind: 'native',
      description: `MongoDB ${binary.version}, ${binary.origin}`,
      folder,
      keepsData: true,
      process: {
        name: 'mongod',
        command: binary.path,
        args: ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', data, '--replSet', replicaSet, ...parameters],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
        cwd: folder.path,
        logFile: join(folder.path, 'server.log'),
        pidFile: join(folder.path, 'server.pid'),
        readyLine: /waiting for connections/i,
        stopTimeout: 30_000,
      },
      afterStart: () => becomePrimary(port),
    });
  });
}

async function becomePrimary(port: number): Promise<void> {
  const { MongoClient, MongoServerError } = await import('mongodb');
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, { serverSelectionTimeoutMS: 10_000 });
  try {
    const admin = client.db('admin');
    try {
      await admin.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
    } catch (error) {
      // The data folder has been a replica set before: it elects itself again.
      if (!(error instanceof MongoServerError && error.codeName === 'AlreadyInitialized')) throw error;
    }
    const deadline = Date.now() + 30_000;
    while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
      if (Date.now() > deadline) throw new Error('mongod did not become primary within 30 s');
      await sleep(50);
    }
  } finally {
    await client.close();
  }
}
