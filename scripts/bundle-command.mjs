// Bundles the command: what most command lines need of the packages, in a few files under packages/cli/dist/bundle, because opening and linking some five hundred files
// takes longer than all that `polyshift status` does; a driver alone may be two hundred of them. Needs a build; what a command loads only now and then stays packages. Another
// folder beside that one may be named: tests make one of their own.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'packages/cli');
const folder = join(cli, 'dist', process.argv[2] ?? 'bundle');

/** Dependencies of the command that stay packages: it loads them where files, scripts and questions want them. */
const apart = ['@clack/prompts', 'jiti', 'libpg-query'];
/** What drivers try to load, and do without where nobody has installed it. */
const optional = [
  '@mongodb-js/zstd',
  'aws4',
  'gcp-metadata',
  'kerberos',
  'mongodb-client-encryption',
  'pg-native',
  'snappy',
  'socks',
];
const ownRequire = 'const require = createRequire(import.meta.url);\n';
const { drivers } = await import(pathToFileURL(join(cli, 'dist/bundled-drivers.js')));
/** The modules of the commands that run from the packages. */
const { outsideBundle } = await import(pathToFileURL(join(cli, 'dist/outside-bundle.js')));
const outside = new RegExp(`/commands/(?:${outsideBundle.join('|')})(?:-[\\w-]+)?\\.js$`);

const bundle = await rolldown({
  input: { main: join(cli, 'dist/bundled.js') },
  platform: 'node',
  tsconfig: false,
  external: (id) => isBuiltin(id) || apart.includes(packageOf(id)) || optional.includes(packageOf(id)),
  transform: { define: { bundledDrivers: JSON.stringify(await withVersions(drivers)) } },
  plugins: [
    {
      // What our modules require of a driver is taken in too: a second copy of the driver would not know the first one's values.
      name: 'require in our modules',
      transform: {
        filter: { code: ownRequire },
        handler: (code) => code.replace(ownRequire, ''),
      },
    },
    {
      name: 'commands outside of the bundle',
      resolveId(_source, importer, { kind }) {
        if (kind === 'dynamic-import' && importer !== undefined && outside.test(importer))
          return { id: 'polyshift:outside', external: true };
      },
    },
  ],
  onLog(level, log, handle) {
    if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    handle(level, log);
  },
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  cleanDir: true,
  chunkFileNames,
  // More than a quarter less to read. Names stay, so that a stack trace can be read; licences stand in a file of their own.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, legalComments: 'none' } },
});
await bundle.close();

const taken = new Set(output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : [])).map(foreignPackage));
taken.delete(undefined);
const notices = await Promise.all([...taken].sort().map(notice));
await writeFile(join(folder, 'LICENSES.txt'), notices.join(`\n\n${'-'.repeat(80)}\n\n`));
console.log(`${relative(root, folder)}: ${output.length} files, with ${notices.length} libraries`);

/** The drivers with their versions, as the command sees them, by the packages of the adapters. */
async function withVersions(names) {
  const require = createRequire(join(cli, 'package.json'));
  const entries = Object.entries(names).map(async ([adapter, name]) => {
    const { version } = JSON.parse(await readFile(require.resolve(`${name}/package.json`), 'utf8'));
    return [adapter, { name, version }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The name of the package in what an import names. */
function packageOf(id) {
  return id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');
}

/** A chunk with the entry of one of our packages is called by that. */
function chunkFileNames({ name, facadeModuleId, moduleIds }) {
  const entry = /\/(?:packages|adapters)\/([^/]+)\/dist\/index\.js$/;
  const own =
    entry.exec(facadeModuleId ?? '')?.[1] ?? (moduleIds.some((id) => id.endsWith('/core/dist/index.js')) ? 'core' : name);
  return `${own}-[hash].js`;
}

/** The folder of the package outside of this workspace that a module belongs to. */
function foreignPackage(module) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(module)?.[0];
}

/** Name, version and licence of a package that was taken in; some come without the text of theirs. */
async function notice(path) {
  const { name, version, license, repository } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  for (const file of ['LICENSE', 'LICENSE.md', 'license', 'LICENSE.txt', 'LICENCE']) {
    const text = await readFile(join(path, file), 'utf8').catch(() => undefined);
    if (text !== undefined) return `${name} ${version} (${license})\n\n${text.trim()}`;
  }
  if (license === undefined) throw new Error(`${name} says nothing of its licence`);
  return `${name} ${version} (${license}), ${repository?.url ?? repository ?? ''}`;
}
