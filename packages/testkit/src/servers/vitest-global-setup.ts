import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import type { ServerKind, ServerStore, TestServer } from './server.ts';
import { startServer } from './start-server.ts';

declare module 'vitest' {
  /** What a test gets by `inject('postgresqlUrl')` and so on. */
  export interface ProvidedContext {
    /** URL of the run's PostgreSQL. Make a database of your own on it: `freshDatabase`. */
    postgresqlUrl: string;
    postgresqlKind: ServerKind;
    /** Product, version and origin, for example `PostgreSQL 18.4, embedded`. */
    postgresqlDescription: string;
    /** URL of the run's MongoDB or its stand-in. Make a database of your own on it: `freshDatabase`. */
    mongodbUrl: string;
    /** `stand_in` when no genuine MongoDB could be had. */
    mongodbKind: ServerKind;
    mongodbDescription: string;
  }
}

const stores = ['postgresql', 'mongodb'] as const satisfies readonly ServerStore[];

/**
 * Starts every store once for a whole test run, tells the tests where they are and the person what they are, and stops them
 * at the end. A store that cannot be had fails the run.
 * @throws ServerUnavailableError with every way that was tried.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled(stores.map((store) => startServer(store)));
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const teardown = async (): Promise<void> => void (await Promise.all(running.map((server) => server.stop())));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await teardown();
    throw failed.reason;
  }
  for (const server of running) {
    announce(server);
    project.provide(`${server.store}Url`, server.url);
    project.provide(`${server.store}Kind`, server.kind);
    project.provide(`${server.store}Description`, server.description);
  }
  return teardown;
}

function announce(server: TestServer): void {
  const refused = server.kind === 'stand_in' ? server.refused.map(({ way, reason }) => `; ${way}: ${reason}`).join('') : '';
  process.stderr.write(`${server.store}: ${server.description}${refused}\n`);
}
