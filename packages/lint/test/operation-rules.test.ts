import { storeNames } from '@polyshift/core';
import { describe, expect, test } from 'vitest';
import type { OperationExample } from '../src/operations/rule.ts';
import { operationRules } from '../src/rules/operation-rules.ts';
import { lintFiles } from './lint-text.ts';

/** One operation a line, so that the line tells which one is meant. */
function migration(example: OperationExample): string {
  return ['operations:', ...example.map((operation) => `  - ${JSON.stringify(operation)}`)].join('\n');
}

describe.each(Object.values(operationRules))('$code $name', (rule) => {
  const isScript = rule.examples.unsafe[0].some(({ type }) => type === 'run_sql');
  const stores = rule.store !== 'any' ? [rule.store] : isScript ? ['postgresql', 'mysql'] : storeNames;
  const lines = async (store: string, example: OperationExample) => {
    const { findings } = await lintFiles(store, { '0001_example.yaml': migration(example) });
    expect(findings.filter(({ code }) => code.startsWith('LN'))).toEqual([]);
    return findings.filter(({ code }) => code === rule.code).map(({ line }) => line);
  };

  test.each(rule.examples.unsafe.map((example) => ({ example })))('names $example', async ({ example }) => {
    for (const store of stores) expect(await lines(store, example)).toContain(example.length + 1);
  });

  test.each(rule.examples.safe.map((example) => ({ example })))('is silent about $example', async ({ example }) => {
    for (const store of stores) expect(await lines(store, example)).toEqual([]);
  });
});

test('a rule of one store says nothing of another', async () => {
  const text = migration([{ type: 'create_index', collection: 'users', data: { name: 'i', keys: { email: 1 } } }]);
  expect((await lintFiles('cassandra', { '0001_a.yaml': text })).findings.map(({ code }) => code)).toEqual(['CA001']);
  expect((await lintFiles('mongodb', { '0001_a.yaml': text })).findings).toEqual([]);
});

const checked: { store: string; check: string; operation: string; code: string }[] = [
  {
    store: 'mongodb',
    check: '{ check: duplicates, collection: users, fields: [email] }',
    operation: '{ type: create_index, collection: users, data: { name: e, keys: { email: 1 }, unique: true } }',
    code: 'MG001',
  },
  {
    store: 'mongodb',
    check: '{ check: row_count, collection: users, conditions: { seen: { lt: 5 } }, expect: { lt: 1000 } }',
    operation: '{ type: create_index, collection: users, data: { name: t, keys: { seen: 1 }, expire_after_seconds: 60 } }',
    code: 'MG004',
  },
  {
    store: 'mongodb',
    check: '{ check: null_values, collection: users, fields: [plan] }',
    operation: '{ type: schema_validation, collection: users, data: { schema: { required: [plan] } } }',
    code: 'MG003',
  },
  {
    store: 'postgresql',
    check: '{ check: duplicates, collection: users, fields: [email] }',
    operation: '{ type: create_index, collection: users, data: { name: e, keys: { email: 1 }, unique: true } }',
    code: 'OP006',
  },
  {
    store: 'postgresql',
    check: '{ check: orphans, collection: orders, fields: [user_id], references: { collection: users, fields: [id] } }',
    operation:
      '{ type: add_constraint, collection: orders, data: { name: f, constraint: { kind: foreign_key, fields: [user_id], references: { collection: users, fields: [id] } } } }',
    code: 'OP006',
  },
];

test.each(checked)('$code on $store is silent where the migration checks before', async ({ store, check, operation, code }) => {
  const operations = `operations:\n  - ${operation}\n`;
  const codes = async (text: string) => (await lintFiles(store, { '0001_a.yaml': text })).findings.map((finding) => finding.code);
  expect(await codes(operations)).toContain(code);
  expect(await codes(`checks:\n  before:\n    - ${check}\n${operations}`)).not.toContain(code);
});

test.each([
  ['change_type', '{ field_name: age, to: int64 }', 'OP005'],
  ['rename_field', '{ old_name: a, new_name: b }', 'OP001'],
  ['remove_field', '{ field_name: a }', 'OP003'],
])('%s is silent in a migration that is online, where nobody uses the new version yet', async (type, data, code) => {
  const operations = `operations:\n  - { type: ${type}, collection: users, data: ${data} }\n`;
  const codes = async (text: string) =>
    (await lintFiles('postgresql', { '0001_a.yaml': text })).findings.map((finding) => finding.code);
  expect(await codes(operations)).toContain(code);
  expect(await codes(`online: true\n${operations}`)).toEqual([]);
});

test('what an online migration cannot do to a new version alone is named all the same', async () => {
  const text = 'online: true\noperations:\n  - { type: rename_collection, collection: users, data: { new_name: people } }\n';
  expect((await lintFiles('postgresql', { '0001_a.yaml': text })).findings.map(({ code }) => code)).toContain('OP002');
});
