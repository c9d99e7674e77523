import { reasonOf } from './errors.ts';
import { findProgram } from './find-program.ts';
import { runTool } from './run-tool.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A genuine mongod on this machine. */
export interface MongodbBinary {
  readonly path: string;
  /** For example `8.2.6`. */
  readonly version: string;
  /** Where it came from, for people. */
  readonly origin: string;
}

/**
 * Finds a genuine mongod: the one `MONGOMS_SYSTEM_BINARY` names, one on the PATH, one that `mongodb-memory-server`
 * downloaded before, or one it can download now. Its `MONGOMS_*` variables (version, mirror, download folder) apply; they
 * are read from the environment of this process.
 * @throws Error within seconds when there is none and the download host does not answer.
 */
export async function mongodbBinary(env: Environment): Promise<MongodbBinary> {
  const system = env['MONGOMS_SYSTEM_BINARY'] ? undefined : findProgram(['mongod'], env, { system: false });
  const path = system ?? (await locateOrDownload(env));
  const version = /v(\d+\.\d+\.\d+)/.exec(await runTool(path, ['--version']))?.[1];
  if (version === undefined) throw new Error(`${path} is not a mongod`);
  return { path, version, origin: system ? 'the mongod on the PATH' : 'mongodb-memory-server' };
}

async function locateOrDownload(env: Environment): Promise<string> {
  // Loaded only now: servers from the environment and containers do without it.
  const { DryMongoBinary, MongoBinary } = await import('mongodb-memory-server-core');
  const options = await DryMongoBinary.generateOptions();
  const present = await DryMongoBinary.locateBinary(options);
  if (present !== undefined) return present;
  if (/^(0|no|off|false)$/i.test(env['MONGOMS_RUNTIME_DOWNLOAD'] ?? '')) {
    throw new Error(
      `no mongod ${options.version} in ${options.downloadDir}, and MONGOMS_RUNTIME_DOWNLOAD forbids to download it`,
    );
  }
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  await assertReachable(await new MongoBinaryDownloadUrl(options).getDownloadUrl(), env);
  return await MongoBinary.getPath(options);
}

/**
 * The download itself retries for minutes when the host cannot be reached. Behind a proxy only the download knows how to
 * get out, so that it is left to try.
 */
async function assertReachable(url: string, env: Environment): Promise<void> {
  const proxies = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'npm_config_https-proxy', 'npm_config_proxy'];
  if (proxies.some((name) => env[name])) return;
  let response: Response;
  try {
    response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3_000) });
  } catch (error) {
    throw new Error(`no mongod is present and the download host ${new URL(url).host} does not answer (${reasonOf(error)})`);
  }
  if (!response.ok) throw new Error(`no mongod is present and ${url} cannot be downloaded (HTTP ${response.status})`);
}
