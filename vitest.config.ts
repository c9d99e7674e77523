import { configDefaults, defineConfig } from 'vitest/config';
// Types of what the global set-up provides, so that every test can inject() it.
import type {} from './packages/testkit/src/servers/vitest-global-setup.ts';
import LongFilesFirst from './test/long-files-first.ts';

// Packages of the workspace are tested from their sources, so that a test never runs yesterday's build. Vite has no way to add
// a condition to its own: the rest of the list is Vite's default for code that runs in Node, but for `module`, which is meant
// for bundlers; what the AWS SDK has under it cannot be loaded by Node.
const conditions = ['polyshift-source', 'node', 'development|production'];

const globalSetup = ['packages/testkit/src/servers/vitest-global-setup.ts'];

// Test files without a server, or with servers that they ask for themselves (`sharedServer`).
const onDemand = [
  'packages/{adapter-kit,core,engine-bullmq,lint}/test/**/*.test.ts',
  'packages/cli/test/{init,lint}.test.ts',
  'examples/*/test/**/*.test.ts',
  'packages/testkit/test/{conformance,faults}-*.test.ts',
  'packages/testkit/test/servers-{cassandra,dynamodb,elasticsearch,file-lock,mariadb,mysql,redis,shared,tools,unzip}.test.ts',
  'adapters/{cassandra,dynamodb,elasticsearch,mysql,redis}/test/**/*.test.ts',
  'test/crash/{live,live-load,writers}.test.ts',
  'test/{faults,matrix,model,online,security}/**/*.test.ts',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    setupFiles: ['packages/testkit/src/vitest/property-seed.ts'],
    // What CI counts: one file, written by the same command that everybody runs.
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: '.cache/test-results.json' }]] : ['default'],
    sequence: { sequencer: LongFilesFirst },
    // Half the tests wait for a server: two at once keep two cores busy. With three, those of one server get in each other's way: the longest took twice as long.
    maxWorkers: 2,
    // Of tests that say that they may run at once: each has a server of its own.
    maxConcurrency: Number(process.env['CRASH_AT_ONCE'] ?? 2),
    // Long, because a busy machine makes a test slow, not wrong.
    testTimeout: 180_000,
    // Servers are started in hooks too; as a container, with an image to pull.
    hookTimeout: 300_000,
    teardownTimeout: 30_000,
    // A project's servers are started only when one of its test files runs.
    projects: [
      {
        extends: true,
        test: {
          name: 'postgresql and mongodb',
          include: ['packages/*/test/**/*.test.ts', 'adapters/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...onDemand],
          globalSetup,
          provide: { startServers: ['postgresql', 'mongodb'] },
        },
      },
      { extends: true, test: { name: 'on demand', include: onDemand, globalSetup } },
    ],
  },
});
