import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPolyshiftError, type PolyshiftError } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSpec, parseSpec, planEtl, specJsonSchema } from '../src/index.ts';
import { memoryAdapter } from './memory-store/adapter.ts';
import { MemoryDatabase } from './memory-store/database.ts';
import { usersDatabase } from './memory-store/users.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-spec-'));
});
afterAll(() => rm(folder, { recursive: true }));

const environment = { PG_URL: 'postgresql://app:secret@db/app', MONGO_URL: 'mongodb://db/app' };

const reference = `name: users
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: mongodb, url: "\${MONGO_URL}" }
steps:
  - { type: extract, source_table: users, conditions: { active: true }, batch_size: 5000 }
  - type: transform
    transformation_rules:
      _id: id
      full_name: { type: concatenate, fields: [first_name, last_name], separator: " " }
      metadata: { type: function, function: pack, args: [created_at, updated_at] }
      age_group: { type: expression, expression: "age < 18 ? 'minor' : 'adult'" }
  - { type: load, target_table: users, batch_size: 1000 }
`;

async function load(text: string, name = 'spec.yaml') {
  await writeFile(join(folder, name), text);
  return loadSpec(name, { cwd: folder, environment });
}

async function failure(call: Promise<unknown>): Promise<PolyshiftError> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isPolyshiftError(error)) throw error ?? new Error('nothing was thrown');
  return error;
}

describe('a spec', () => {
  it('of the reference example is read with its defaults', async () => {
    const { spec, flows } = await load(reference);
    expect(spec.source).toEqual({ type: 'postgresql', url: environment.PG_URL });
    expect(flows[0]!.extract.batch_size).toBe(5000);
    expect(flows[0]!.branches[0]!.mode).toBe('insert');
    expect(spec).toMatchObject({ on_loss: 'nearest', max_rejected: 0, partitions: 1 });
  });

  it('is the same in TypeScript and JSON', async () => {
    const yaml = await load(reference);
    const object = { ...yaml.spec };
    const json = await load(JSON.stringify(object), 'spec.json');
    const module = await load(`export default ${JSON.stringify(object)} satisfies object;`, 'spec.ts');
    expect(json.spec).toEqual(yaml.spec);
    expect(module.spec).toEqual(yaml.spec);
  });

  it.each([
    ['an unknown key', reference.replace('name: users', 'name: users\nbatch: 1'), 'INVALID_DOCUMENT', 2, 'batch'],
    [
      'a batch size of zero',
      reference.replace('batch_size: 5000', 'batch_size: 0'),
      'INVALID_DOCUMENT',
      5,
      'steps[0].batch_size',
    ],
    ['an unknown type of step', reference.replace('type: load', 'type: lod'), 'INVALID_DOCUMENT', 12, 'steps[2].type'],
    ['steps out of order', reference.replace(/ {2}- \{ type: extract.*\n/, ''), 'INVALID_DOCUMENT', 5, 'steps'],
    ['a rule of an unknown type', reference.replace('type: concatenate', 'type: concat'), 'INVALID_DOCUMENT', 9, 'full_name'],
    ['a name that is no name', reference.replace('name: users', 'name: "a b"'), 'INVALID_DOCUMENT', 1, 'name'],
    [
      'an environment variable that is not set',
      reference.replace('PG_URL', 'NO_SUCH_URL'),
      'MISSING_ENVIRONMENT',
      2,
      'source.url',
    ],
    ['broken YAML', `${reference}  - [`, 'INVALID_SYNTAX', 13, ''],
    ['a percentage over 100', `${reference}max_rejected: "101%"\n`, 'INVALID_DOCUMENT', 13, 'max_rejected'],
  ])('with %s has one error with its place', async (_what, text, code, line, path) => {
    const error = await failure(load(text));
    expect(error.code).toBe(code);
    expect(error.place?.file).toBe('spec.yaml');
    expect(error.place?.line).toBe(line);
    expect(error.place?.path ?? '').toContain(path);
    expect(error.message).not.toContain('secret');
  });

  it('that is not there is FILE_NOT_FOUND', async () => {
    expect((await failure(loadSpec('none.yaml', { cwd: folder }))).code).toBe('FILE_NOT_FOUND');
  });

  it('has the JSON Schema that is published', async () => {
    const published = JSON.parse(await readFile(new URL('../schemas/spec.schema.json', import.meta.url), 'utf8'));
    expect(specJsonSchema()).toEqual(published);
  });
});

describe('a spec against its source', () => {
  const adapter = memoryAdapter({ from: usersDatabase(5), to: new MemoryDatabase() });
  const spec = (rules: string, extract = '') => `name: users
source: { type: memory, url: "memory:from" }
target: { type: memory, url: "memory:to" }
steps:
  - { type: extract, source_table: users${extract} }
  - type: transform
    transformation_rules:
      id: id
      ${rules}
  - { type: load, target_table: users }
`;
  const plan = async (text: string) => planEtl(await load(text), { resolveAdapter: () => adapter });

  it.each([
    ['an unknown field', 'name: first_nme', 'UNKNOWN_FIELD', 9, 'steps[1].transformation_rules.name', 'first_name'],
    [
      'an unknown field in a concatenation',
      'name: { type: concatenate, fields: [first_name, lst_name] }',
      'UNKNOWN_FIELD',
      9,
      'steps[1].transformation_rules.name.fields[1]',
      'last_name',
    ],
    [
      'an unknown function',
      'x: { type: function, function: lowr, args: [last_name] }',
      'UNKNOWN_FUNCTION',
      9,
      'function',
      'lower',
    ],
    ['too few arguments', 'x: { type: function, function: lower, args: [] }', 'INVALID_EXPRESSION', 9, 'args', 'lower(text)'],
    [
      'too many arguments',
      'x: { type: function, function: lower, args: [last_name, id] }',
      'INVALID_EXPRESSION',
      9,
      'args',
      'lower(text)',
    ],
    [
      'an argument of a wrong type',
      'x: { type: function, function: lower, args: [age] }',
      'INVALID_EXPRESSION',
      9,
      'args[0]',
      'cast',
    ],
    [
      'a field where a literal must be',
      'x: { type: function, function: cast, args: [age, text] }',
      'INVALID_EXPRESSION',
      9,
      'args[1]',
      '{value: text}',
    ],
    [
      'a cast to an unknown type',
      'x: { type: function, function: cast, args: [age, {value: txt}] }',
      'INVALID_EXPRESSION',
      9,
      'args',
      '',
    ],
    [
      'an expression that does not parse',
      'x: { type: expression, expression: "age <" }',
      'INVALID_EXPRESSION',
      9,
      'expression',
      '',
    ],
    [
      'an expression of unfit types',
      'x: { type: expression, expression: "age + last_name" }',
      'INVALID_EXPRESSION',
      9,
      'expression',
      'string()',
    ],
    [
      'an expression over an unknown field',
      'x: { type: expression, expression: "agee + 1" }',
      'UNKNOWN_FIELD',
      9,
      'expression',
      'age',
    ],
    [
      'pack with a literal',
      'x: { type: function, function: pack, args: [age, {value: 1}] }',
      'INVALID_EXPRESSION',
      9,
      'args',
      '',
    ],
  ])('with %s is refused before anything is written', async (_what, rule, code, line, path, hint) => {
    const error = await failure(plan(spec(rule)));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(`spec.yaml:${line}:`)]);
    expect(error.place).toMatchObject({ file: 'spec.yaml', line });
    expect(error.place?.path).toContain(path);
    expect(error.hint ?? '').toContain(hint);
  });

  it.each([
    ['source_table', spec('x: age').replace('source_table: users', 'source_table: user'), 'UNKNOWN_COLLECTION', 'users'],
    ['conditions', spec('x: age', ', conditions: { actve: true }'), 'UNKNOWN_FIELD', 'active'],
    ['key', spec('x: age', ', key: [idd]'), 'UNKNOWN_FIELD', 'id'],
    ['fields', spec('x: age', ', fields: [id, aged]'), 'UNKNOWN_FIELD', 'age'],
  ])('with a wrong name in %s is refused with the nearest one', async (path, text, code, hint) => {
    const error = await failure(plan(text));
    expect(error.code).toBe(code);
    expect(error.place?.path).toContain(`steps[0].${path}`);
    expect(error.place?.line).toBe(5);
    expect(error.hint).toContain(hint);
  });

  it('with a module that is missing or broken is refused', async () => {
    const text = spec('x: { type: function, function: mine, args: [age] }').replace(
      '    transformation_rules',
      '    functions: ./mine.ts\n    transformation_rules',
    );
    expect((await failure(plan(text))).code).toBe('FILE_NOT_FOUND');
    await writeFile(join(folder, 'mine.ts'), 'export const mine = (');
    expect((await failure(plan(text))).code).toBe('INVALID_SYNTAX');
  });

  it('shows what it would do', async () => {
    const report = await plan(spec('name: { type: concatenate, fields: [first_name, last_name], separator: " " }'));
    expect(report).toMatchObject({
      source: { collection: 'users', rows: 5, key: ['id'] },
      target: { collection: 'users', key: ['id'], before: 'absent' },
      next: 'begin',
      partitions: 1,
    });
    expect(report.fields.map((field) => [field.target, field.rule, field.type])).toEqual([
      ['id', 'id', 'int64'],
      ['name', "first_name + ' ' + last_name", 'text'],
    ]);
  });
});

describe('the checks of a spec', () => {
  it.each([
    ['before: [{ check: same_rows }]', 'checks.before[0].check', 3],
    ['before: [{ check: row_count, collection: a, expect: { eq: 1 }, on: sorce }]', 'checks.before[0].on', 3],
    ['after: [{ check: same_column_sum, source: { field: a } }]', 'checks.after[0].target', 3],
    ['after: [{ check: function, name: x, run: code }]', 'only a spec in TypeScript', 3],
    ['after: []', 'checks.after', 3],
    ['on_failure: give_up', 'checks.on_failure', 3],
  ])('%s is refused with its line', async (check, message, line) => {
    const error = await failure(load(reference.replace('target:', `checks:\n  ${check}\ntarget:`)));
    expect(error.code).toBe('INVALID_DOCUMENT');
    expect(error.message).toContain(message);
    expect(error.place?.line).toBe(line + 1);
  });

  it('of data are in the JSON Schema, functions are not', () => {
    const text = JSON.stringify(specJsonSchema());
    expect(text).toContain('"const":"same_distinct_count"');
    expect(text).not.toMatch(/"check":\{[^}]*"const":"function"/);
  });
});

it('names the store that the configuration lacks', async () => {
  const spec = parseSpec({
    name: 'x',
    source: { store: 'mian' },
    target: { store: 'main' },
    steps: [
      { type: 'extract', source_table: 'users' },
      { type: 'load', target_table: 'users' },
    ],
  });
  const error = await failure(
    planEtl(spec, { resolveAdapter: () => memoryAdapter({}), stores: { main: { type: 'memory', url: 'memory:x' } } }),
  );
  expect(error).toMatchObject({ code: 'UNKNOWN_STORE', hint: 'Did you mean "main"?' });
});
