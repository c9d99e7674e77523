/** What a skeleton is written for. */
export interface AdapterSkeleton {
  /** The name of the store: `type` in configurations, and the scheme of its URLs. */
  readonly name: string;
  /** The version of polyshift's packages that it is written for. */
  readonly version: string;
}

/** The files around the sources of a new adapter, by path. */
export function projectFiles({ name, version }: AdapterSkeleton): Record<string, string> {
  const manifest = {
    name: `polyshift-${name}`,
    version: '0.1.0',
    description: `The adapter of polyshift for ${name}`,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    files: ['dist', 'README.md'],
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    scripts: { build: 'tsc -p .', test: 'vitest run' },
    dependencies: { '@polyshift/adapter-kit': `^${version}`, '@polyshift/core': `^${version}` },
    devDependencies: {
      '@polyshift/testkit': `^${version}`,
      '@types/node': '^20.19.0',
      typescript: '>=5.9',
      vitest: '^4.1.0',
    },
  };
  const compiler = {
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      declaration: true,
      rootDir: 'src',
      outDir: 'dist',
    },
    include: ['src'],
  };
  return {
    'package.json': json(manifest),
    'tsconfig.json': json(compiler),
    '.gitignore': 'node_modules/\ndist/\n',
    'README.md': readme(name),
    'vitest.config.ts': `import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } });
`,
    'test/conformance.test.ts': conformanceTest(name),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readme(name: string): string {
  return `# polyshift-${name}

The adapter of polyshift for ${name}.

\`\`\`sh
npm install
npm run build   # compiles, from the first day on
npm test        # the conformance suite: at its end it lists what is left to do
\`\`\`

The steps are those of docs/writing-an-adapter.md of polyshift. Each test fails until what it proves is there; none is skipped.
`;
}

function conformanceTest(name: string): string {
  return `import { randomUUID } from 'node:crypto';
import { conformance } from '@polyshift/testkit/conformance';
import adapter from '../src/index.ts';

/** A server for tests: never one with data that matters. */
const server = process.env['${name.toUpperCase().replaceAll('-', '_')}_URL'] ?? '${name}://127.0.0.1:1234';

conformance(
  adapter,
  {
    // Each call is a database of its own: make it here where the server has databases, else let a prefix of all names stand for one.
    fresh: async () => ({ url: \`\${server}/test_\${randomUUID().replaceAll('-', '')}\`, drop: async () => {} }),
  },
  // Nobody listens on port 9.
  { unreachable_url: '${name}://user:secret@127.0.0.1:9/none', kill_points: 4, sequences: 5 },
);
`;
}
