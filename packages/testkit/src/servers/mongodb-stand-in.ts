import { join } from 'node:path';
import { createDataFolder } from './data-folder.ts';
import { onPort } from './free-port.ts';
import { findJava } from './java.ts';
import { builtStandIn } from './mongodb-stand-in-build.ts';
import { startNativeServer } from './native-server.ts';
import type { ServerOptions, TestServer } from './server.ts';

/**
 * Starts the stand-in for MongoDB: mongo-java-server with additions, from `packages/testkit/mongodb-standin`, on Java 17. It
 * is not MongoDB; its README lists the differences. It keeps its data in memory.
 * @throws Error when there is no Java, or no Maven for the first build.
 */
export async function startMongodbStandIn(options: ServerOptions): Promise<TestServer> {
  const env = options.env ?? process.env;
  const java = await findJava({ minimum: 17 }, env);
  const program = await builtStandIn(env);
  const { maxHeap = '2g', oplogSize } = options.standIn ?? {};
  return await onPort(options.port, async (port) => {
    const folder = await createDataFolder('mongodb', options.dataDir);
    const oplog = oplogSize === undefined ? [] : ['--oplog-size', String(oplogSize)];
    return await startNativeServer({
      store: 'mongodb',
      url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
      kind: 'stand_in',
      description: 'stand-in for MongoDB (mongo-java-server 1.47.0 with additions), not a genuine mongod',
      folder,
      keepsData: false,
      process: {
        name: 'the stand-in for MongoDB',
        command: java,
        args: [
          `-Xmx${maxHeap}`,
          '-XX:+UseSerialGC',
          '-jar',
          join(program, 'target', 'mongodb-standin.jar'),
          '--port',
          String(port),
          ...oplog,
        ],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
        cwd: folder.path,
        logFile: join(folder.path, 'server.log'),
        pidFile: join(folder.path, 'server.pid'),
        readyLine: /^ready\b/m,
      },
    });
  });
}
