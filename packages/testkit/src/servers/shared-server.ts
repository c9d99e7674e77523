import { request } from 'node:http';
import { inject } from 'vitest';
import type { ServerStore } from './server.ts';
import type { SharedServer } from './shared-servers.ts';
import type {} from './vitest-global-setup.ts';

export type { SharedServer } from './shared-servers.ts';

const asked = new Map<ServerStore, Promise<SharedServer>>();

/**
 * Gives the test run's server of a store. It is started when the first test file asks for it, serves all test files of the
 * run, and is stopped at its end. Needs the global set-up `@polyshift/testkit/vitest-global-setup`.
 *
 * Call it at the top of a test file: the first start may have to download the server, which takes longer than a hook may.
 * ```ts
 * const server = await sharedServer('redis');
 * beforeEach(async () => { database = await freshDatabase(server); });
 * ```
 * @throws Error with every way that was tried when the server cannot be had, so that the test file fails.
 */
export function sharedServer(store: ServerStore): Promise<SharedServer> {
  let server = asked.get(store);
  if (server === undefined) {
    server = ask(store);
    asked.set(store, server);
  }
  return server;
}

async function ask(store: ServerStore): Promise<SharedServer> {
  const address: string | undefined = inject('sharedServers');
  if (address === undefined) {
    throw new Error(
      "sharedServer() needs the testkit's global set-up: add globalSetup: ['@polyshift/testkit/vitest-global-setup'] to vitest.config.ts",
    );
  }
  // Not fetch: it gives up after five minutes, and a download may take longer.
  const { status, body } = await post(`${address}/${store}`);
  if (status === 200) return JSON.parse(body) as SharedServer;
  throw new Error(
    status === 503 ? (JSON.parse(body) as { message: string }).message : `no server of ${store} to be had: ${body}`,
  );
}

function post(url: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode, body }));
      response.once('error', reject);
    });
    call.once('error', reject).end();
  });
}
