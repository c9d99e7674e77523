import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { keepTemporaryFoldersInMemory } from './memory-folder.ts';
import type { ServerKind, ServerStore, TestServer } from './server.ts';
import { joinSharedServers } from './shared-servers.ts';

/** The address and the origin of each store that is started before the tests. */
type ProvidedServers = Record<`${ServerStore}Url` | `${ServerStore}Description`, string> &
  Record<`${ServerStore}Kind`, ServerKind>;

declare module 'vitest' {
  /**
   * What a test gets by `inject('postgresqlUrl')` and so on: only of the stores that `startServers` names. The other stores are
   * started when a test file asks for them, by `sharedServer` of `@polyshift/testkit/vitest`.
   */
  export interface ProvidedContext extends ProvidedServers {
    /** In vitest.config.ts, under `provide`: the stores to start before the tests. Default: none. */
    startServers?: readonly ServerStore[];
    /** Where `sharedServer` asks. */
    sharedServers: string;
  }
}

/**
 * Starts the stores that `provide: { startServers: ['postgresql'] }` in vitest.config.ts names, once for a whole test run, and
 * any other store when a test file asks for it; tells the tests where they are and the person what they are, and stops them at
 * the end. A store that cannot be had fails the run, or the test file that asked for it. Temporary folders, with the data of servers
 * in them, lie in memory where there is plenty of it ({@link keepTemporaryFoldersInMemory}).
 * @throws ServerUnavailableError with every way that was tried.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Before any server or worker is started: they take it from the environment.
  await keepTemporaryFoldersInMemory();
  const servers = await joinSharedServers(announce);
  const stores = project.getProvidedContext().startServers ?? [];
  const started = await Promise.allSettled(stores.map((store) => servers.get(store)));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await servers.leave();
    throw failed.reason;
  }
  for (const result of started) {
    if (result.status === 'rejected') continue;
    const { store, url, kind, description } = result.value;
    project.provide(`${store}Url`, url);
    project.provide(`${store}Kind`, kind);
    project.provide(`${store}Description`, description);
  }
  project.provide('sharedServers', servers.address);
  return () => servers.leave();
}

function announce(server: TestServer): void {
  const refused = server.kind === 'stand_in' ? server.refused.map(({ way, reason }) => `; ${way}: ${reason}`).join('') : '';
  process.stderr.write(`${server.store}: ${server.description}${refused}\n`);
}
