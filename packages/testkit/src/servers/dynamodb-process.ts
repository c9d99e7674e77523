import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataFolder } from './data-folder.ts';
import { knock, onPort } from './free-port.ts';
import { findJava, jvmCompilers } from './java.ts';
import { copyLibraries } from './maven.ts';
import { startNativeServer } from './native-server.ts';
import { programFolder } from './program-folder.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { waitUntil } from './wait-until.ts';

const library = { group: 'software.amazon.dynamodb', name: 'DynamoDBLocal', version: '3.1.0' };

/**
 * Starts DynamoDB Local as a child process on Java 17 or newer, downloaded through Maven the first time (48 MB). It keeps its
 * data in memory, or on disk when `dataDir` is given, and takes any credentials.
 * @throws Error when there is no Java, no Maven for the first time, or the port is taken.
 */
export async function startDynamodbProcess(options: ServerOptions): Promise<TestServer> {
  const env = options.env ?? process.env;
  const java = await findJava({ minimum: 17 }, env);
  const programs = await programFolder(`dynamodb-${library.version}`, (folder) => copyLibraries(library, folder, env), { env });
  return await onPort(options.port, async (port) => {
    const folder = await createDataFolder('dynamodb', options.dataDir);
    const data = join(folder.path, 'db');
    await mkdir(data, { recursive: true });
    const url = `dynamodb://local:local@127.0.0.1:${port}?region=local`;
    return await startNativeServer({
      store: 'dynamodb',
      url,
      kind: 'native',
      description: `DynamoDB Local ${library.version}, from Maven`,
      folder,
      keepsData: !folder.temporary,
      process: {
        name: 'DynamoDB Local',
        command: java,
        args: [
          '-Xmx256m',
          '-XX:+UseSerialGC',
          ...jvmCompilers(options),
          `-Dsqlite4java.library.path=${programs}`,
          '-cp',
          join(programs, '*'),
          'software.amazon.dynamodb.services.local.main.ServerRunner',
          ...(folder.temporary ? ['-inMemory'] : ['-dbPath', data]),
          '-port',
          String(port),
          ...dynamodbFlags(options.settings),
        ],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path, DDB_LOCAL_TELEMETRY: '0' },
        cwd: folder.path,
        logFile: join(folder.path, 'server.log'),
        pidFile: join(folder.path, 'server.pid'),
        // Written a moment before it listens.
        readyLine: /^CorsParams/m,
        ...(folder.temporary && { stopSignal: 'SIGKILL' }),
      },
      afterStart: () => waitUntil(() => knock(port)),
    });
  });
}

/**
 * The flags of DynamoDB Local: one database for all credentials and regions, and what the settings name, for example
 * `{ delayTransientStatuses: 'true' }` (a flag without a value) or `{ cors: '*' }`.
 */
export function dynamodbFlags(settings: ServerOptions['settings'] = {}): string[] {
  const given = Object.entries(settings).flatMap(([name, value]) => {
    if (value === 'false') return [];
    return value === 'true' ? [`-${name}`] : [`-${name}`, value];
  });
  return ['-sharedDb', '-disableTelemetry', ...given];
}
