import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storeNames } from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { describe, expect, it } from 'vitest';
import { drivers } from '../src/bundled-drivers.ts';
import { starters } from '../src/templates/starters.ts';
import { jsonOf, runCommand } from './command-process.ts';
import { recordModules } from './loaded-modules.ts';
import { dist, ownBundle, workspace } from './own-bundle.ts';
import { temporaryProject } from './project.ts';

const bundle = ownBundle();

/** Rows and a field for them: what writes goes through the driver in ways that reading does not. */
const more = (type: string): string => `operations:
  - type: load
    collection: people
    data:
      rows: [${['a', 'b', 'c'].map((name, id) => `{ ${type === 'mongodb' ? '_id' : 'id'}: ${id}, email: ${name}@example.org }`).join(', ')}]
  - type: add_field
    collection: people
    data: { field_name: tier, type: text, default_value: gold }
`;

describe.each(storeNames)('what init writes for %s', (type) => {
  it('is a project that passes lint, and that the bundle with its driver plans, applies, verifies and takes back, without any other module', async () => {
    const { variable, next, url } = starters[type];
    await using project = await temporaryProject();
    const database = await freshDatabase(await sharedServer(type), 'init');
    const env = { [variable]: database.url };
    try {
      expect(jsonOf(await runCommand(project.folder, ['init', '--type', type, '--json'], env))).toMatchObject({
        variable,
        kept: [],
      });
      expect(await project.read('polyshift.config.yaml')).toContain(`type: ${type}\n    url: "\${${variable}}"`);
      expect(await project.read('.env.example')).toContain(`${variable}=${url}\n`);
      expect(await runCommand(project.folder, ['lint', 'migrations/0001_create_people.yaml'], env)).toMatchObject({ code: 0 });

      await project.write('migrations/0002_more.yaml', more(type));
      const run = async (...args: string[]) => {
        const recorded = await recordModules(join(dist, bundle, 'main.js'), project.folder, [...args, '--json'], env);
        expect(recorded.modules.filter((module) => !module.includes(`/${bundle}/`))).toEqual([]);
        return jsonOf(recorded);
      };
      const second = /type: (\w+)/.exec(next.operation)![1];
      expect(await run('plan')).toMatchObject({
        migrations: [{ version: '0001', operations: [{ type: 'create_collection' }, { type: second }] }, { version: '0002' }],
      });
      expect(await run('up', '--yes')).toMatchObject({ to_version: '0002' });
      expect(await run('verify')).toMatchObject({ ok: true });
      expect(await run('status')).toMatchObject({ current_version: '0002' });
      expect(await run('down', '--yes', '--steps', '2')).toMatchObject({ to_version: null });
    } finally {
      await database.drop();
    }
  });
});

it('init offers every store that polyshift has an adapter for', async () => {
  await using project = await temporaryProject();
  const { stdout } = await runCommand(project.folder, ['init', '--help']);
  expect(/\[--type ([\w|]+)\]/.exec(stdout)![1]!.split('|').sort()).toEqual([...storeNames].sort());
});

describe('a driver that is installed in another version than that of the bundle', () => {
  it.each(Object.entries(drivers))('makes the packages run %s', async (adapter, driver) => {
    await using project = await temporaryProject({
      'polyshift.config.yaml': `stores: { main: { type: ${adapter.replace('@polyshift/', '')}, url: "none://" } }\n`,
    });
    const command = join(project.folder, 'node_modules/polyshift');
    await cp(join(dist, bundle), join(command, 'dist/bundle'), { recursive: true });
    await mkdir(join(command, 'dist/command'));
    await writeFile(join(command, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(command, 'dist/command/run-command-line.js'),
      'export const runCommandLine = async () => { console.log("run by the packages"); return 0; };',
    );
    const run = async () => recordModules(join(command, 'dist/bundle/main.js'), project.folder, ['status']);
    const installed = join(project.folder, 'node_modules', driver);
    await mkdir(join(installed, '..'), { recursive: true });
    await symlink(join(workspace, 'packages/cli/node_modules', driver), installed);
    expect((await run()).stdout).not.toContain('run by the packages');
    await rm(installed);
    await mkdir(installed);
    await writeFile(join(installed, 'package.json'), JSON.stringify({ name: driver, version: '0.0.1' }));
    expect((await run()).stdout).toContain('run by the packages');
  });
});
