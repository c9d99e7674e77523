import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ServerStore, TestServer } from './server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Asks whether a container engine answers, within 2 seconds and without the `docker` command. Looks where testcontainers
 * looks: `DOCKER_HOST`, `~/.testcontainers.properties`, the usual sockets.
 * @returns Undefined when an engine answers, else the reason why Docker is no way to a server.
 */
export async function whyNoContainerEngine(env: Environment = process.env): Promise<string | undefined> {
  const host = env['DOCKER_HOST'] || configuredHost();
  const addresses = host
    ? [host]
    : usualSockets(env)
        .filter((path) => existsSync(path))
        .map((path) => `unix://${path}`);
  if (addresses.length === 0) return 'no engine: no Docker socket and no DOCKER_HOST';
  if ((await Promise.all(addresses.map(answers))).includes(true)) return undefined;
  return `no engine answers at ${addresses.join(', ')}`;
}

function configuredHost(): string | undefined {
  try {
    const properties = readFileSync(join(homedir(), '.testcontainers.properties'), 'utf8');
    return /^\s*(?:docker|tc)\.host\s*=\s*(\S+)/m.exec(properties)?.[1];
  } catch {
    return undefined;
  }
}

function usualSockets(env: Environment): string[] {
  if (process.platform === 'win32') return ['//./pipe/docker_engine'];
  const rootless = env['XDG_RUNTIME_DIR'] ?? `/run/user/${userInfo().uid}`;
  return [
    '/var/run/docker.sock',
    join(rootless, 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
  ];
}

function answers(address: string): Promise<boolean> {
  const timeout = 1_500;
  return new Promise((resolve) => {
    const local = /^(?:unix|npipe):\/\/(.*)$/.exec(address)?.[1];
    if (local !== undefined) {
      const request = get({ socketPath: local, path: '/_ping', timeout }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.once('timeout', () => request.destroy(new Error('timeout'))).once('error', () => resolve(false));
      return;
    }
    if (!URL.canParse(address)) return resolve(false);
    const { hostname, port } = new URL(address);
    // An engine behind TLS needs certificates, which testcontainers has: that the port is open is enough here.
    const socket = connect({ host: hostname, port: Number(port || 2375), timeout }, () => socket.end(() => resolve(true)));
    socket.once('timeout', () => socket.destroy(new Error('timeout'))).once('error', () => resolve(false));
  });
}

/** A container to run as a server. */
export interface ContainerSpec {
  readonly store: ServerStore;
  readonly image: string;
  readonly containerPort: number;
  /** The port on this machine. Default: one the engine chooses. */
  readonly port?: number | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** What the container's log holds once the server answers, and how often. */
  readonly readyLine: RegExp;
  readonly readyCount?: number;
  /** A command to run in the container when it is ready; fails the start when it fails. */
  readonly afterStart?: readonly string[];
  readonly url: (host: string, port: number) => string;
  readonly describe: (url: string) => Promise<string>;
}

/**
 * Starts a container through testcontainers, which also removes it when this process dies.
 * @throws the engine's error, for example when the image cannot be pulled.
 */
export async function startContainer(spec: ContainerSpec): Promise<TestServer> {
  // Loaded only now: it is large, and most machines without an engine never need it.
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(spec.image)
    .withEnvironment({ ...spec.environment })
    .withCommand([...spec.command])
    .withExposedPorts(spec.port === undefined ? spec.containerPort : { container: spec.containerPort, host: spec.port })
    .withWaitStrategy(Wait.forLogMessage(spec.readyLine, spec.readyCount ?? 1))
    .withStartupTimeout(240_000)
    .start();
  let stopped: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    stopped ??= container.stop();
    await stopped;
  };
  try {
    if (spec.afterStart) {
      const { exitCode, output } = await container.exec([...spec.afterStart]);
      if (exitCode !== 0) throw new Error(`${spec.afterStart[0]} failed in the container ${spec.image}: ${output}`);
    }
    const url = spec.url(container.getHost(), container.getMappedPort(spec.containerPort));
    const description = `${await spec.describe(url)}, container ${spec.image}`;
    return { store: spec.store, url, kind: 'docker', description, refused: [], stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
