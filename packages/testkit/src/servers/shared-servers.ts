import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from './errors.ts';
import type { ServerKind, ServerStore, TestServer } from './server.ts';
import { servers, startServer } from './start-server.ts';

/** What a test needs to know of a server that runs in another process. */
export interface SharedServer {
  readonly store: ServerStore;
  /** See {@link TestServer.url}. Make a database of your own on it: `freshDatabase`. */
  readonly url: string;
  readonly kind: ServerKind;
  readonly description: string;
}

/** The servers of one test run. They live in the process that runs the tests' workers. */
export interface SharedServers {
  /** Where workers ask for a server by `POST <address>/<store>`. Holds a secret, since it starts programs. */
  readonly address: string;
  /**
   * Starts the store's server, or gives the one that was started before.
   * @throws ServerUnavailableError, the same one each time: a download that failed is not tried again in the same run.
   */
  get(store: ServerStore): Promise<TestServer>;
  /** Says that one of those who joined is done. With the last, all servers are stopped. */
  leave(): Promise<void>;
}

interface Hub {
  readonly address: string;
  get(store: ServerStore): Promise<TestServer>;
  close(): Promise<void>;
}

// Each project of a test run loads this module anew, in the same process: what they share cannot be in the module.
const shared = globalThis as { [key: symbol]: { members: number; readonly hub: Promise<Hub> } | undefined };
const key = Symbol.for('polyshift.testkit.shared-servers');

/**
 * Joins the servers of this test run; none is started by that.
 * @param onStart Is told of each server that has started, once; that of the first who joins counts.
 */
export async function joinSharedServers(onStart: (server: TestServer) => void): Promise<SharedServers> {
  shared[key] ??= { members: 0, hub: openHub(onStart) };
  const run = shared[key];
  run.members++;
  const { address, get, close } = await run.hub;
  return {
    address,
    get,
    async leave() {
      if (--run.members > 0) return;
      shared[key] = undefined;
      await close();
    },
  };
}

async function openHub(onStart: (server: TestServer) => void): Promise<Hub> {
  const started = new Map<ServerStore, Promise<TestServer>>();
  const get = (store: ServerStore): Promise<TestServer> => {
    let server = started.get(store);
    if (server === undefined) {
      // All tests of a project, as CI runs them, keep a server at work for long; a file or two of somebody who is at work do not.
      server = startServer(store, { longLived: Boolean(process.env['CI']) });
      started.set(store, server);
      server.then(onStart, () => {});
    }
    return server;
  };
  const secret = randomBytes(16).toString('hex');
  const http = createServer((request, response) => {
    const [, given, store] = request.url?.split('/') ?? [];
    if (request.method !== 'POST' || given !== secret || !isStore(store)) return respond(response, 404, 'no such store');
    get(store).then(
      ({ url, kind, description }) => respond(response, 200, { store, url, kind, description } satisfies SharedServer),
      (error: unknown) => respond(response, 503, { message: reasonOf(error) }),
    );
  });
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(0, '127.0.0.1', resolve));
  http.unref();
  return {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}/${secret}`,
    get,
    async close() {
      http.close();
      http.closeAllConnections();
      const results = await Promise.allSettled(started.values());
      await Promise.all(results.map((result) => (result.status === 'fulfilled' ? result.value.stop() : undefined)));
    },
  };
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function isStore(name: string | undefined): name is ServerStore {
  return name !== undefined && Object.hasOwn(servers, name);
}
