import { type ConnectOptions, PolyshiftError, type ServerInfo } from '@polyshift/core';
import { Cluster, Redis } from 'ioredis';
import { Definitions } from './definitions/definitions.ts';
import { classify, toPolyshiftError } from './errors.ts';
import { KeySpace } from './keys/key-space.ts';
import { parseUrl, type RedisUrl } from './keys/url.ts';
import { type Connection, type Store, send } from './store.ts';

/** See `Store.keysInMemory`. */
const defaultKeysInMemory = 20_000;

/**
 * Connections that a command waits for after one is lost: none. The driver rejects what it has sent only when these are used up, and forgets
 * it when it connects before: nobody would ever hear of a command whose reply was lost. The runner tries again from the last checkpoint.
 */
const retriesPerCommand = 0;

/**
 * Connects, as to a cluster where the server says that it is one.
 *
 * @param keysInMemory see `Store.keysInMemory`: how tests drive the way for many keys
 * @throws PolyshiftError CONNECTION_FAILED, AUTHENTICATION_FAILED or UNSUPPORTED_OPERATION
 */
export async function connectStore(
  text: string,
  options: ConnectOptions = {},
  keysInMemory = defaultKeysInMemory,
): Promise<Store> {
  const url = parseUrl(text);
  const keys = new KeySpace(url.key_prefix);
  const connection = await open(url, options);
  try {
    const server = await serverInfo(connection);
    return { ...connection, keys, server, keysInMemory, definitions: new Definitions(connection, keys) };
  } catch (error) {
    connection.client.disconnect();
    throw connectionError(error);
  }
}

async function open(url: RedisUrl, options: ConnectOptions): Promise<Connection> {
  const timeout = options.connect_timeout_ms ?? 10_000;
  const settings = settingsOf(url, options, timeout);
  const node = await ready(() => new Redis({ ...settings, host: url.host, port: url.port, db: url.db }), timeout);
  try {
    if (!/cluster_enabled:1/.test(String(await send({ client: node, cluster: false }, 'info', 'cluster'))))
      return { client: node, cluster: false };
    node.disconnect();
    const cluster = await ready(
      () =>
        new Cluster([{ host: url.host, port: url.port }], {
          lazyConnect: true,
          redisOptions: settings,
          slotsRefreshTimeout: timeout,
          // For the same reason as autoResendUnfulfilledCommands below.
          retryDelayOnFailover: 0,
        }),
      timeout,
    );
    return { client: cluster, cluster: true };
  } catch (error) {
    node.disconnect();
    throw connectionError(error);
  }
}

function settingsOf(url: RedisUrl, options: ConnectOptions, timeout: number) {
  return {
    // RESP2 gives the same replies on every version of the server.
    protocol: 2 as const,
    lazyConnect: true,
    connectTimeout: timeout,
    connectionName: options.application_name ?? 'polyshift',
    maxRetriesPerRequest: retriesPerCommand,
    // A command whose reply was lost may have been done: whoever sent it knows what that means, the driver does not.
    autoResendUnfulfilledCommands: false,
    ...(url.username === undefined ? {} : { username: url.username }),
    ...(url.password === undefined ? {} : { password: url.password }),
    ...(url.tls ? { tls: {} } : {}),
    ...(options.driver as object | undefined),
  };
}

/** A client that has connected in time. The driver says why it could not in events, not in what it throws. */
async function ready<Client extends Redis | Cluster>(make: () => Client, timeout: number): Promise<Client> {
  const client = make();
  let reason: unknown;
  const note = (error: unknown): void => {
    reason = error;
  };
  client.on('error', note);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(reason ?? new Error(`no answer within ${timeout} ms`)), timeout);
  });
  // The first failure ends it; a connection that is lost later is made again.
  const failed = new Promise<never>((_resolve, reject) => client.once('error', reject));
  failed.catch(() => undefined);
  try {
    await Promise.race([client.connect().then(() => client.ping().catch(unlessFull)), late, failed]);
    return client;
  } catch (error) {
    client.disconnect();
    throw connectionError(reason ?? error);
  } finally {
    clearTimeout(timer);
  }
}

/** A server that cannot write its disk refuses even a ping: it has answered, and is read from. */
function unlessFull(error: unknown): void {
  if (classify(error).code !== 'STORE_FULL') throw error;
}

async function serverInfo(connection: Connection): Promise<ServerInfo> {
  const info = String(await send(connection, 'info'));
  const value = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = value('valkey_version') ?? value('redis_version') ?? '0';
  const { major } = /^(?<major>\d+)/.exec(version)?.groups ?? {};
  if (Number(major) < 7)
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `this is Redis ${version}; polyshift needs 7.0, which tells when a key expires`,
    );
  return {
    product: value('valkey_version') ? 'Valkey' : 'Redis',
    version,
    stand_in: false,
    features: {
      cluster: connection.cluster,
      // Without it the server forgets what it has acknowledged when it dies: "durable" then means until it is restarted.
      append_only_file: value('aof_enabled') === '1',
      writable: value('role') === 'master',
    },
  };
}

function connectionError(error: unknown): PolyshiftError {
  const { code } = classify(error);
  if (code === 'UNSUPPORTED_OPERATION' || code === 'INVALID_DOCUMENT') return toPolyshiftError(error);
  const known = code === 'AUTHENTICATION_FAILED' || code === 'PERMISSION_DENIED' ? code : 'CONNECTION_FAILED';
  const { message, cause } = toPolyshiftError(error);
  return new PolyshiftError(known, message.startsWith('Redis: ') ? message : `Redis: ${message}`, {
    cause: cause ?? error,
    ...(known === 'CONNECTION_FAILED'
      ? { hint: 'Check host, port and TLS (rediss://) of the URL, and that the server runs.' }
      : {}),
  });
}
