import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../src/config/config-json-schema.ts';
import { jsonErrorOf, jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

const oneStore = 'stores: { main: { type: postgresql, url: "${PG_URL}" } }\n';

describe('init', () => {
  test('writes a project, says so in JSON, and keeps every file the second time', async () => {
    await using project = await temporaryProject();
    const first = await runCommand(project.folder, ['init', '--json']);
    expect(first.code).toBe(0);
    const files = ['polyshift.config.yaml', 'migrations/0001_create_people.yaml', 'etl/users.yaml', '.env.example'];
    expect(jsonOf(first)).toEqual({ written: files, kept: [], variable: 'MONGO_URL' });

    await project.write('polyshift.config.yaml', 'mine');
    const second = await runCommand(project.folder, ['init', '--type', 'postgresql']);
    expect(second.code).toBe(0);
    expect(second.stdout).not.toContain('wrote');
    expect(await project.read('polyshift.config.yaml')).toBe('mine');
  });

  test('adds no example to migrations that are there', async () => {
    await using project = await temporaryProject({ 'migrations/0001_mine.up.sql': 'SELECT 1' });
    const { written, kept } = jsonOf(await runCommand(project.folder, ['init', '--json']));
    expect(written).not.toContain('migrations/0001_create_people.yaml');
    expect(kept).toEqual(['migrations']);
  });

  test('takes the name of the store and of the file', async () => {
    await using project = await temporaryProject();
    await runCommand(project.folder, ['init', '--config', 'conf/db.yaml', '--store', 'orders', '--type', 'postgresql']);
    expect(await project.read('conf/db.yaml')).toMatch(/stores:\n {2}orders:\n {4}type: postgresql\n {4}url: "\$\{PG_URL\}"/);
    expect(await project.read('conf/migrations/0001_create_people.yaml')).toContain('name: id, type: int64');
  });
});

describe('new', () => {
  test.each([
    ['yaml', [], ['migrations/0001_add_e_mail.yaml']],
    ['ts', ['--format', 'ts'], ['migrations/0001_add_e_mail.ts']],
    ['sql', ['--format', 'sql'], ['migrations/0001_add_e_mail.up.sql', 'migrations/0001_add_e_mail.down.sql']],
  ])('writes %s that can be read again', async (_format, flags, files) => {
    await using project = await temporaryProject({ 'polyshift.config.yaml': oneStore });
    const result = await runCommand(project.folder, ['new', 'Add E-Mail', '--json', ...flags]);
    expect(jsonOf(result)).toEqual({ version: '0001', name: 'add_e_mail', files });
    // Reading the migrations comes before connecting: a fault in the file would be another error.
    const plan = await runCommand(project.folder, ['plan', '--json'], { PG_URL: 'postgresql://nobody@127.0.0.1:1/none' });
    expect(jsonErrorOf(plan).code).toBe('CONNECTION_FAILED');
  });

  test.each([
    ['0009_x.yaml', '0010'],
    ['7_x.up.sql', '8'],
    ['20260131093000_x.ts', '20260131093001'],
    ['readme.md', '0001'],
  ])('after %s comes %s', async (existing, version) => {
    await using project = await temporaryProject({ [`migrations/${existing}`]: '', 'polyshift.config.yaml': oneStore });
    expect(jsonOf(await runCommand(project.folder, ['new', 'next', '--json']))['version']).toBe(version);
  });

  test('writes the store into the file where it is not the default, and into its own folder where it has one', async () => {
    const stores = 'a: {type: mongodb, url: x}\n  b: {type: mongodb, url: x}\n  c: {type: mongodb, url: x, migrations: only_c}';
    await using project = await temporaryProject({ 'polyshift.config.yaml': `stores:\n  ${stores}\ndefault_store: a\n` });
    await runCommand(project.folder, ['new', 'one']);
    await runCommand(project.folder, ['new', 'two', '--store', 'b']);
    await runCommand(project.folder, ['new', 'three', '--store', 'c']);
    expect(await project.read('migrations/0001_one.yaml')).not.toContain('\nstore:');
    expect(await project.read('migrations/0002_two.yaml')).toContain('\nstore: b\n');
    expect(await project.read('only_c/0001_three.yaml')).not.toContain('\nstore:');
    const sql = await runCommand(project.folder, ['new', 'four', '--store', 'b', '--format', 'sql', '--json']);
    expect(jsonErrorOf(sql)).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('migrations/b') });
  });
});

test('the published JSON Schema of the configuration is the one of the code', async () => {
  const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../schemas/config.schema.json');
});
