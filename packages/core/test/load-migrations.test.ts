import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, isPolyshiftError, loadMigrations, type PolyshiftError } from '@polyshift/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-load-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const addField = 'operations:\n  - { type: add_field, collection: users, data: { field_name: a, default_value: 1 } }\n';

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

describe('loadMigrations', () => {
  it('reads every format, in the order of the numbers', async () => {
    await write({
      '10_ten.yaml': addField,
      '0002_two.up.sql': 'CREATE TABLE a (id int);\r\n',
      '0002_two.down.sql': 'DROP TABLE a;',
      '0003_three.json': JSON.stringify({ operations: [{ type: 'drop_collection', collection: 'a', data: {} }] }),
      '0001_one.ts': `export default { description: 'first' as string, operations: [{ type: 'create_collection', collection: 'users', data: {} }] };`,
      'README.md': 'not a migration',
    });
    const migrations = await loadMigrations(folder);
    expect(migrations.map((each) => `${each.version} ${each.name}`)).toEqual(['0001 one', '0002 two', '0003 three', '10 ten']);
    expect(migrations[0]!.description).toBe('first');
    expect(migrations[1]!.operations).toEqual([
      {
        type: 'run_sql',
        collection: '*',
        batch_size: 1000,
        data: { up: 'CREATE TABLE a (id int);\n', down: 'DROP TABLE a;', transaction: true },
      },
    ]);
    expect(migrations[3]!.operations[0]!.data).toEqual({ field_name: 'a', default_value: 1, nullable: true });
  });

  it('reads checks, which do not count for the checksum, and says where one is wrong', async () => {
    const checks = 'checks:\n  before:\n    - { check: row_count, collection: users, expect: { gt: 0 } }\n';
    await write({ '1_a.yaml': addField, '2_b.yaml': addField + checks });
    const [without, having] = await loadMigrations(folder);
    expect(having!.checksum).toBe(without!.checksum);
    expect(having!.checks).toEqual({
      before: [{ check: 'row_count', collection: 'users', expect: { gt: 0 }, on_failure: 'fail' }],
    });
    await write({ '2_b.yaml': addField + checks.replace('gt:', 'above:') });
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      place: { line: 5, path: expect.stringContaining('checks.before[0].expect') },
    });
    await write({ '2_b.yaml': addField + checks.replace('check: row_count', 'check: function, name: x') });
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      place: { path: expect.stringContaining('checks.before[0]') },
    });
  });

  it('gives one checksum for one meaning: comments, layout and format do not count', async () => {
    await write({
      '1_a.yaml': `# a comment\n${addField}`,
      '2_b.json': JSON.stringify({
        operations: [{ data: { default_value: 1, field_name: 'a' }, collection: 'users', type: 'add_field' }],
      }),
      '3_c.yaml': addField.replace('default_value: 1', 'default_value: 2'),
    });
    const [yaml, json, other] = await loadMigrations(folder);
    expect(json!.checksum).toBe(yaml!.checksum);
    expect(other!.checksum).not.toBe(yaml!.checksum);
  });

  it('counts the order of index keys', async () => {
    const index = (keys: string) => `operations:\n  - { type: create_index, collection: u, data: { name: i, keys: ${keys} } }\n`;
    await write({ '1_a.yaml': index('{ a: 1, b: 1 }'), '2_b.yaml': index('{ b: 1, a: 1 }') });
    const [forth, back] = await loadMigrations(folder);
    expect(forth!.checksum).not.toBe(back!.checksum);
  });

  it('runs the statements of an up file one by one where its first lines say so', async () => {
    await write({ '1_a.up.sql': '-- polyshift: no_transaction\nCREATE INDEX CONCURRENTLY i ON t (a);' });
    expect((await loadMigrations(folder))[0]!.operations[0]!.data).toMatchObject({ transaction: false });
  });

  it.each<[Record<string, string>, ErrorCode, RegExp]>([
    [
      { '1_a.yaml': 'operations:\n  - { type: add_field, collection: users, data: { field_nam: a } }\n' },
      'INVALID_DOCUMENT',
      /1_a\.yaml:2:\d+: operations\[0\]\.data/,
    ],
    [
      { '1_a.yaml': 'operations:\n  - { type: add_fild, collection: users, data: {} }\n' },
      'UNKNOWN_OPERATION',
      /1_a\.yaml:2: there is no operation "add_fild"/,
    ],
    [{ '1_a.yaml': 'operations: [\n' }, 'INVALID_SYNTAX', /1_a\.yaml:\d+:\d+/],
    [{ '1_a.yaml': 'operations: []\n' }, 'INVALID_DOCUMENT', /operations/],
    [{ '1_a.yaml': 'a: 1\na: 2\n' }, 'INVALID_SYNTAX', /unique/i],
    [{ '1_a.json': '{"operations": 5}' }, 'INVALID_DOCUMENT', /operations/],
    [{ '1_a.ts': 'export default {' }, 'INVALID_SYNTAX', /1_a\.ts/],
    [{ '1_a.yaml': addField, '01_b.yaml': addField }, 'OUT_OF_ORDER', /same version/],
    [{ '1_a.down.sql': 'SELECT 1' }, 'FILE_NOT_FOUND', /1_a\.up\.sql/],
    [{ '1_a.up.sql': ' \n' }, 'INVALID_DOCUMENT', /empty/],
    [{ '1_a.toml': '' }, 'INVALID_DOCUMENT', /named NNN_name/],
  ])('%j is refused with %s', async (files, code, message) => {
    await write(files);
    const error = await loadMigrations(folder).then(
      () => undefined,
      (thrown: unknown) => thrown as PolyshiftError,
    );
    expect(isPolyshiftError(error, code), String(error)).toBe(true);
    expect(error!.message).toMatch(message);
    expect(error!.place?.file).toBeTruthy();
  });

  it('suggests the operation that was meant', async () => {
    await write({ '1_a.yaml': 'operations:\n  - { type: renam_field, collection: users, data: {} }\n' });
    await expect(loadMigrations(folder)).rejects.toMatchObject({ hint: 'Did you mean "rename_field"?' });
  });

  it('says when the folder is missing', async () => {
    await expect(loadMigrations(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('does not run code from YAML', async () => {
    await mkdir(join(folder, 'x'));
    await write({ '1_a.yaml': 'operations: !!js/function "function(){ throw 1 }"\n' });
    await expect(loadMigrations(folder)).rejects.toMatchObject({ name: 'PolyshiftError' });
  });
});
