import { defineConfig } from 'vitest/config';
// Types of what the global set-up provides, so that every test can inject() it.
import type {} from './packages/testkit/src/servers/vitest-global-setup.ts';

// Packages of the workspace are tested from their sources, so that a test never runs yesterday's build. Vite has no way to add
// a condition to its own: the rest of the list is Vite's default for code that runs in Node.
const conditions = ['polyshift-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: ['packages/testkit/src/servers/vitest-global-setup.ts'],
    include: ['packages/*/test/**/*.test.ts', 'adapters/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    // Servers are started in hooks too; as a container, with an image to pull.
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
  },
});
