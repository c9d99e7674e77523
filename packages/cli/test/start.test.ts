import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TcpProxy } from '@polyshift/testkit/faults';
import { describe, expect, test } from 'vitest';
import { jsonOf, runCommand } from './command-process.ts';
import { type RecordedRun, recordModules } from './loaded-modules.ts';
import { dist, ownBundle, workspace } from './own-bundle.ts';
import { temporaryProject } from './project.ts';
import { storeProject, storeTypes } from './stores.ts';

const bundle = ownBundle();
const entries = { packages: join(dist, 'main.js'), bundle: join(dist, bundle, 'main.js') };

const drivers = {
  postgresql: /\/(?:pg|pg-[a-z]+|libpg-query)@|\/bundle-test-\d+\/postgresql-/,
  mongodb: /\/(?:mongodb|bson)@|\/bundle-test-\d+\/mongodb-/,
};
const others = /\/(?:mysql2|@aws-sdk\+[\w-]+|cassandra-driver|ioredis|@elastic\+[\w-]+|jiti|@clack\+[\w-]+|piscina|bullmq)@/;
/** What a chunk of the bundle holds is in its name. */
const otherAdapters = /(?:adapters\/|dist\/bundle-test-\d+\/)(?:mysql|cassandra|dynamodb|elasticsearch|redis)\b/;
const toMove = /packages\/(?:etl|engine-bullmq|lint)\/dist\/(?!settings)|dist\/bundle-test-\d+\/(?:etl|lint)-(?!of-store)/;

/** What no short command loads, whatever its store is. */
function expectNothingElse({ modules, code, stderr }: RecordedRun): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const pattern of [others, otherAdapters, toMove]) expect(modules.filter((module) => pattern.test(module))).toEqual([]);
}

// The bounds are about a tenth above what there is: they tell of what has come in unnoticed, not of a file more.
const bounds = {
  packages: { help: 45, postgresql: 640, mongodb: 760 },
  bundle: { help: 12, postgresql: 30, mongodb: 30 },
} as const;

describe.each(['packages', 'bundle'] as const)('what a command loads, run from the %s', (from) => {
  test('--help, --version: the command line alone', async () => {
    await using project = await temporaryProject();
    for (const flag of ['--help', '--version']) {
      const run = await recordModules(entries[from], project.folder, [flag]);
      expectNothingElse(run);
      expect(run.modules.filter((module) => /zod@|yaml@|cli-table3@|packages\/core\/|\/(?:core|table)-/.test(module))).toEqual(
        [],
      );
      expect(run.modules.length).toBeLessThan(bounds[from].help);
    }
  });

  test.each(storeTypes)('status and plan: the adapter for %s and its driver, and nothing of another store', async (type) => {
    await using project = await storeProject(type, { 'migrations/0001_a.yaml': created('a') });
    const other = drivers[type === 'postgresql' ? 'mongodb' : 'postgresql'];
    for (const command of ['status', 'plan']) {
      const run = await recordModules(entries[from], project.folder, [command]);
      expectNothingElse(run);
      expect(run.modules.filter((module) => other.test(module))).toEqual([]);
      // A megabyte of grammar, for scripts alone.
      expect(run.modules.filter((module) => module.includes('libpg-query'))).toEqual([]);
      expect(run.modules.some((module) => drivers[type].test(module))).toBe(true);
      expect(run.modules.length).toBeLessThan(bounds[from][type]);
    }
  });
});

describe('a bundle has nothing twice', () => {
  test('a migration in TypeScript gets the core that runs it', async () => {
    await using project = await storeProject('postgresql', {
      'migrations/0001_a.ts': `import { defineMigration, PolyshiftError } from '@polyshift/core';
import { defineMigration as same } from 'polyshift';
if (defineMigration !== same) throw new PolyshiftError('INTERNAL', 'two copies');
export default defineMigration({ operations: [{ type: 'create_collection', collection: 'a', data: { fields: [{ name: 'id', type: 'int64' }] } }] });`,
    });
    await installed(project.folder, ['@polyshift/core', 'polyshift']);
    const run = await recordModules(entries.bundle, project.folder, ['plan', '--json']);
    expect(jsonOf(run)).toMatchObject({ migrations: [{ version: '0001' }] });
    expect(run.modules.filter((module) => /\/core-\w|packages\/core\/dist\//.test(module))).toSatisfy((core: string[]) =>
      core.every((module) => module.includes(bundle)),
    );
  });

  test('an adapter from elsewhere is run by the packages, with the core that it sees itself', async () => {
    await using project = await storeProject('postgresql', {
      'node_modules/their-adapter/package.json': '{ "name": "their-adapter", "type": "module", "exports": "./index.js" }',
      'node_modules/their-adapter/index.js': `import { PolyshiftError } from '@polyshift/core';
import { postgresql } from '@polyshift/postgresql';
const connect = async (...given) => {
  const session = await postgresql.connect(...given);
  // The runner refuses this before anything else; what the migration has made is looked at when all is done.
  session.journal.format = async () => 99;
  process.on('exit', () => console.error(globalThis.thrown instanceof PolyshiftError ? 'one class' : 'two classes'));
  return session;
};
export default { ...postgresql, connect };`,
      'migrations/0001_a.ts': `import { PolyshiftError } from '@polyshift/core';
globalThis.thrown = new PolyshiftError('INTERNAL', 'made by the migration');
export default { operations: [{ type: 'drop_collection', collection: 'a', data: {} }] };`,
    });
    await installed(project.folder, ['@polyshift/core', '@polyshift/postgresql']);
    const config = (await project.read('polyshift.config.yaml')).replace('type: postgresql', 'type: their-adapter');
    await project.write('polyshift.config.yaml', config);
    const run = await recordModules(entries.bundle, project.folder, ['status', '--json']);
    expect(jsonOf(run)['error']).toMatchObject({ code: 'JOURNAL_FORMAT' });
    expect(run.stderr).toContain('one class');
    expect(run.modules).toContain('packages/cli/dist/command/run-command-line.js');
  });

  test.each([['etl', 'plan', 'spec.yaml'], ['lint'], ['new', 'b']])('%s is run by the packages', async (...args) => {
    await using project = await storeProject('postgresql', { 'migrations/0001_a.yaml': created('a') });
    const run = await recordModules(entries.bundle, project.folder, args);
    expect(run.modules).toContain('packages/cli/dist/command/run-command-line.js');
    expect(run.stderr).not.toContain('PS9001');
  });
});

describe('what a command asks the store', () => {
  test.each(storeTypes)('status asks %s a few questions over few connections, however many versions there are', async (type) => {
    const files = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`migrations/000${index + 1}_a.yaml`, created(`a${index}`)]),
    );
    await using project = await storeProject(type, files);
    const url = new URL(project.url);
    await using proxy = await TcpProxy.open({ host: url.hostname, port: Number(url.port) });
    const config = await project.read('polyshift.config.yaml');
    await project.write('polyshift.config.yaml', config.replace(url.host, `${proxy.address.host}:${proxy.address.port}`));
    const asked = async (): Promise<number> => {
      const before = proxy.writes;
      expect((await runCommand(project.folder, ['status'])).code).toBe(0);
      return proxy.writes - before;
    };
    expect((await runCommand(project.folder, ['up', '--to', '0002'])).code).toBe(0);
    const few = await asked();
    expect((await runCommand(project.folder, ['up'])).code).toBe(0);
    const many = await asked();
    // 11 on both: connecting, the server's own words, history, steps, what is kept, lock, loads, and good-bye. A slow machine may see a heartbeat.
    expect(few).toBeLessThanOrEqual(14);
    expect(many).toBeLessThanOrEqual(14);
    // Nothing is asked of the store.
    const before = proxy.writes;
    for (const flag of ['--help', '--version']) await runCommand(project.folder, [flag]);
    expect(proxy.writes).toBe(before);
  });
});

function created(collection: string): string {
  return `operations:\n  - { type: create_collection, collection: ${collection}, data: { fields: [{ name: id, type: int64 }] } }\n`;
}

/** Lets a project see packages of this workspace, as an installation does. */
async function installed(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(join(folder, 'node_modules/@polyshift'), { recursive: true });
  for (const name of names) {
    const own = name === 'polyshift' ? 'cli' : name.replace('@polyshift/', '');
    const path = own === 'postgresql' ? `adapters/${own}` : `packages/${own}`;
    await symlink(join(workspace, path), join(folder, 'node_modules', name));
  }
}
