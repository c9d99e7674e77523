import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cassandraJvmOptions } from './cassandra-jvm.ts';
import { createDataFolder } from './data-folder.ts';
import { freePort, knock, onPort } from './free-port.ts';
import { findJava, jvmCompilers } from './java.ts';
import { copyLibraries } from './maven.ts';
import { startNativeServer } from './native-server.ts';
import { programFolder } from './program-folder.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { waitUntil } from './wait-until.ts';

const library = { group: 'org.apache.cassandra', name: 'cassandra-all', version: '5.0.6' };

/** What a Cassandra as it comes has switched off, and what migrations want to use. */
export const cassandraFeatures: Readonly<Record<string, string>> = {
  materialized_views_enabled: 'true',
  sasi_indexes_enabled: 'true',
  user_defined_functions_enabled: 'true',
  drop_compact_storage_enabled: 'true',
  auto_snapshot: 'false',
};

/**
 * Settings of every native Cassandra, as in cassandra.yaml: little memory, few threads, and patience on a busy machine. The
 * commit log is written before a write is answered: by default, a kill loses the writes of the last moments, and a crash test
 * would blame the program under test.
 */
const cassandraSettings: Readonly<Record<string, string>> = {
  ...cassandraFeatures,
  cluster_name: 'polyshift',
  num_tokens: '4',
  partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
  endpoint_snitch: 'SimpleSnitch',
  commitlog_sync: 'batch',
  commitlog_segment_size: '8MiB',
  commitlog_total_space: '128MiB',
  memtable_heap_space: '128MiB',
  memtable_offheap_space: '64MiB',
  file_cache_size: '64MiB',
  networking_cache_size: '32MiB',
  key_cache_size: '8MiB',
  counter_cache_size: '4MiB',
  concurrent_reads: '8',
  concurrent_writes: '8',
  concurrent_counter_writes: '8',
  concurrent_materialized_view_writes: '8',
  concurrent_compactors: '1',
  request_timeout: '20s',
  read_request_timeout: '20s',
  range_request_timeout: '20s',
  write_request_timeout: '20s',
  counter_write_request_timeout: '20s',
  cas_contention_timeout: '10s',
  truncate_request_timeout: '60s',
};

/**
 * Starts Cassandra as a child process on Java 17, downloaded through Maven the first time (66 MB): one node without a password
 * that listens on 127.0.0.1 only.
 * @throws Error when there is no Java 17, no Maven for the first time, or the port is taken.
 */
export async function startCassandraProcess(options: ServerOptions): Promise<TestServer> {
  const env = options.env ?? process.env;
  // 5.0 runs on 11 too, but not on the options below; it does not start on 21.
  const java = await findJava({ minimum: 17, maximum: 17 }, env);
  const programs = await programFolder(`cassandra-${library.version}`, (folder) => copyLibraries(library, folder, env), { env });
  const agent = (await readdir(programs)).find((name) => /^jamm-.*\.jar$/.test(name));
  if (agent === undefined) throw new Error(`${programs} has no jamm: remove the folder to have it made anew`);
  return await onPort(options.port, async (port) => {
    const folder = await createDataFolder('cassandra', options.dataDir);
    const config = join(folder.path, 'config');
    await mkdir(config, { recursive: true });
    await mkdir(join(folder.path, 'tmp'), { recursive: true });
    const yaml = join(config, 'cassandra.yaml');
    const storagePort = await storagePortFor(yaml, port);
    await writeFile(yaml, configuration(folder.path, port, storagePort, options.settings));
    await writeFile(join(config, 'logback.xml'), logback);
    return await startNativeServer({
      store: 'cassandra',
      url: `cassandra://127.0.0.1:${port}?local_datacenter=datacenter1`,
      kind: 'native',
      description: `Cassandra ${library.version}, from Maven`,
      folder,
      keepsData: true,
      process: {
        name: 'Cassandra',
        command: java,
        args: [
          ...jvmCompilers(options),
          ...cassandraJvmOptions(join(programs, agent), folder.path, yaml),
          '-cp',
          [config, join(programs, '*')].join(process.platform === 'win32' ? ';' : ':'),
          'org.apache.cassandra.service.CassandraDaemon',
        ],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
        cwd: folder.path,
        logFile: join(folder.path, 'server.log'),
        pidFile: join(folder.path, 'server.pid'),
        // Written a moment before it listens.
        readyLine: /Starting listening for CQL clients/,
        startTimeout: 180_000,
        stopTimeout: 30_000,
        ...(folder.temporary && { stopSignal: 'SIGKILL' }),
      },
      afterStart: () => waitUntil(() => knock(port)),
    });
  });
}

/** The node knows itself by this port: in a folder with data it stays what it was. */
async function storagePortFor(yaml: string, port: number): Promise<number> {
  const before = Number(/^storage_port: (\d+)$/m.exec(await readFile(yaml, 'utf8').catch(() => ''))?.[1]);
  if (before) return before;
  for (;;) {
    const free = await freePort();
    if (free !== port) return free;
  }
}

function configuration(folder: string, port: number, storagePort: number, given: ServerOptions['settings']): string {
  const path = (name: string): string => JSON.stringify(join(folder, name));
  const settings = {
    ...cassandraSettings,
    data_file_directories: `[${path('data')}]`,
    commitlog_directory: path('commitlog'),
    saved_caches_directory: path('saved_caches'),
    hints_directory: path('hints'),
    cdc_raw_directory: path('cdc_raw'),
    listen_address: '127.0.0.1',
    rpc_address: '127.0.0.1',
    native_transport_port: String(port),
    storage_port: String(storagePort),
    ...given,
  };
  const seeds = `seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "127.0.0.1:${storagePort}" }]
`;
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}${seeds}`;
}

const logback = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`;
