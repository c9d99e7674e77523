import { runCommandLine } from './command/run-command-line.ts';
import { runMain } from './command/run-main.ts';
import { outsideBundle } from './outside-bundle.ts';
import { type Bundle, OutsideBundle, runFromBundle } from './stores/bundle.ts';

// The entry of the bundle that `scripts/bundle-command.mjs` makes of the command: what most command lines need, in few files.

/** What `scripts/bundle-command.mjs` puts here. */
declare const bundledDrivers: Bundle['drivers'];

runFromBundle({
  runs: (command) => !outsideBundle.includes(command.split(' ', 1)[0]!),
  // Migrations in TypeScript get the core that runs them.
  async prepare() {
    const { shareModules } = await import('@polyshift/core');
    shareModules({ '@polyshift/core': () => import('@polyshift/core'), polyshift: () => import('./index.ts') });
  },
  adapters: {
    '@polyshift/cassandra': () => import('@polyshift/cassandra'),
    '@polyshift/dynamodb': () => import('@polyshift/dynamodb'),
    '@polyshift/elasticsearch': () => import('@polyshift/elasticsearch'),
    '@polyshift/mongodb': () => import('@polyshift/mongodb'),
    '@polyshift/mysql': () => import('@polyshift/mysql'),
    '@polyshift/postgresql': () => import('@polyshift/postgresql'),
    '@polyshift/redis': () => import('@polyshift/redis'),
  },
  drivers: bundledDrivers,
});

await runMain(async (argv, host) => {
  try {
    return await runCommandLine(argv, host);
  } catch (error) {
    if (!(error instanceof OutsideBundle)) throw error;
    // By its place and not by an import, which would take it into the bundle.
    const packages = new URL('../command/run-command-line.js', import.meta.url).href;
    const { runCommandLine: run } = (await import(packages)) as typeof import('./command/run-command-line.ts');
    return run(argv, host);
  }
});
