import { defineConfig } from 'vitest/config';

// A test run of its own, started by servers-shared.test.ts: two projects share servers, as adapters and cross-store tests do.
const conditions = ['polyshift-source', 'node', 'development|production'];
const globalSetup = ['../../src/servers/vitest-global-setup.ts'];
const test = (name: string, startServers: 'redis'[]) => ({
  extends: true as const,
  test: { name, include: [`${name}.spec.ts`], globalSetup, provide: { startServers } },
});

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    projects: [
      test('asks', []),
      test('asks-too', []),
      test('starts', ['redis']),
      test('hangs', []),
      test('fails', []),
      test('idle', []),
    ],
  },
});
