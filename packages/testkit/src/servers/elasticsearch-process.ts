import { chown, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createDataFolder } from './data-folder.ts';
import { type ElasticsearchProgram, elasticsearchProgram } from './elasticsearch-program.ts';
import { requestElasticsearch } from './elasticsearch-request.ts';
import { findProgram } from './find-program.ts';
import { freePort, onPort } from './free-port.ts';
import { findJava, jvmCompilers } from './java.ts';
import { startNativeServer } from './native-server.ts';
import type { ServerOptions, TestServer } from './server.ts';
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user.ts';
import { waitUntil } from './wait-until.ts';

/** Settings of every Elasticsearch the testkit starts: no passwords, no watch over the disk's free space. */
export const elasticsearchSettings: Readonly<Record<string, string>> = {
  'xpack.security.enabled': 'false',
  'action.destructive_requires_name': 'false',
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
};

/**
 * Starts Elasticsearch as a child process on Java 21 or newer: one node that listens on 127.0.0.1 only.
 * @throws Error when there is no such Java, the program cannot be had (see {@link elasticsearchProgram}) or the port is taken.
 */
export async function startElasticsearchProcess(options: ServerOptions): Promise<TestServer> {
  const env = options.env ?? process.env;
  const user = await unprivilegedUser();
  const java = javaPath(await findJava({ minimum: 21, modules: ['jdk.incubator.vector'] }, env), env);
  const program = await elasticsearchProgram(env, user);
  return await onPort(options.port, (port) => startOn(port, java, program, user, options));
}

/** The server's launcher wants a path. */
function javaPath(command: string, env: Readonly<Record<string, string | undefined>>): string {
  return basename(command) === command ? (findProgram([command], env) ?? command) : command;
}

async function startOn(
  port: number,
  java: string,
  { home, version }: ElasticsearchProgram,
  user: UnprivilegedUser | undefined,
  options: ServerOptions,
): Promise<TestServer> {
  const folder = await createDataFolder('elasticsearch', options.dataDir, user);
  const inside = (name: string): string => join(folder.path, name);
  const config = inside('config');
  for (const path of [config, inside('data'), inside('logs'), inside('tmp')]) {
    await mkdir(path, { recursive: true });
    if (user) await chown(path, user.uid, user.gid);
  }
  await copyFile(join(home, 'config', 'log4j2.properties'), join(config, 'log4j2.properties'));
  await writeFile(join(config, 'jvm.options'), jvmOptions(await readFile(join(home, 'config', 'jvm.options'), 'utf8'), options));
  const settings = {
    ...elasticsearchSettings,
    'cluster.name': 'polyshift',
    'node.name': 'polyshift',
    'path.data': inside('data'),
    'path.logs': inside('logs'),
    'path.repo': inside('snapshots'),
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': String(await freePort()),
    'discovery.type': 'single-node',
    // Maps take more areas of memory than a machine may allow as it comes.
    'node.store.allow_mmap': 'false',
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  await writeFile(join(config, 'elasticsearch.yml'), lines.join(''));

  const url = `http://127.0.0.1:${port}`;
  const serverPidFile = inside('elasticsearch.pid');
  return await startNativeServer({
    store: 'elasticsearch',
    url,
    kind: 'native',
    description: `Elasticsearch ${version}, from Maven (without ILM, data streams, ES|QL)`,
    folder,
    keepsData: true,
    process: {
      name: 'Elasticsearch',
      command: java,
      args: [
        '-Xms4m',
        '-Xmx64m',
        '-XX:+UseSerialGC',
        '-cp',
        join(home, 'lib', 'tools', 'server-launcher', '*'),
        'org.elasticsearch.server.launcher.ServerLauncher',
        '-p',
        serverPidFile,
      ],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder.path,
        JAVA: java,
        ES_JAVA_HOME: dirname(dirname(java)),
        ES_HOME: home,
        ES_PATH_CONF: config,
        ES_TMPDIR: inside('tmp'),
        LIBFFI_TMPDIR: inside('tmp'),
        ES_DISTRIBUTION_TYPE: 'zip',
        JAVA_TYPE: 'ES_JAVA_HOME',
        CLI_JAVA_OPTS: '-Xms4m -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      },
      // It looks for some of its modules from here.
      cwd: home,
      user,
      logFile: inside('server.log'),
      pidFile: inside('server.pid'),
      serverPidFile,
      readyLine: /\[polyshift\] started\b/,
      startTimeout: 240_000,
      stopTimeout: 30_000,
      ...(folder.temporary && { stopSignal: 'SIGKILL' }),
    },
    afterStart: () =>
      waitUntil(() => requestElasticsearch(url, 'GET', '/_cluster/health?wait_for_status=yellow&timeout=20s'), 30_000).then(
        () => {},
      ),
  });
}

/** The file that comes with it, with a small heap and no logs of the garbage collector. */
function jvmOptions(original: string, options: ServerOptions): string {
  const kept = original.split('\n').filter((line) => !/^\s*(?:#|$)|UseG1GC|-Xlog|HeapDump|ErrorFile/.test(line));
  const own = ['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', ...jvmCompilers(options), '-XX:-AlwaysPreTouch'];
  return `${[...kept, ...own].join('\n')}\n`;
}
