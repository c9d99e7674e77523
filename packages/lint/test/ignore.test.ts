import { expect, test } from 'vitest';
import { found, lintFiles } from './lint-text.ts';

const cases: { name: string; sql: string; finds: string[] }[] = [
  {
    name: 'the next statement alone',
    sql: '-- polyshift-lint-ignore PG007: empty\nCREATE INDEX a ON users (a);\nCREATE INDEX b ON users (b);',
    finds: ['PG007 3'],
  },
  {
    name: 'a comment behind the statement on its line',
    sql: 'CREATE INDEX a ON users (a); -- polyshift-lint-ignore PG007: empty\nCREATE INDEX b ON users (b);',
    finds: ['PG007 2'],
  },
  {
    name: 'a comment inside of the statement, in block form',
    sql: 'CREATE INDEX a\n/* polyshift-lint-ignore PG007: empty */\nON users (a);',
    finds: [],
  },
  {
    name: 'several codes',
    sql: '-- polyshift-lint-ignore PG007, PG209: empty\nCREATE INDEX a ON users (a, b, c, d);',
    finds: [],
  },
  {
    name: 'the whole file',
    sql: 'CREATE INDEX a ON users (a);\n-- polyshift-lint-ignore-file PG007: empty\nCREATE INDEX b ON users (b);',
    finds: [],
  },
  {
    name: 'no reason',
    sql: '-- polyshift-lint-ignore PG007\nCREATE INDEX a ON users (a);',
    finds: ['LN003 1'],
  },
  {
    name: 'a blank reason',
    sql: '-- polyshift-lint-ignore PG007:  \nCREATE INDEX a ON users (a);',
    finds: ['LN003 1'],
  },
  {
    name: 'no rule',
    sql: '-- polyshift-lint-ignore: because\nCREATE INDEX a ON users (a);',
    finds: ['LN004 1', 'PG007 2'],
  },
  {
    name: 'a rule that does not exist',
    sql: '-- polyshift-lint-ignore PG777: because\nCREATE INDEX a ON users (a);',
    finds: ['LN004 1', 'PG007 2'],
  },
  {
    name: 'nothing to ignore',
    sql: '-- polyshift-lint-ignore PG005: because\nCREATE INDEX a ON users (a);\nSELECT 1;\n-- polyshift-lint-ignore PG005: because',
    finds: ['LN005 1', 'PG007 2', 'LN005 4'],
  },
  {
    name: 'text in quotes is no comment',
    sql: "SELECT '-- polyshift-lint-ignore PG007: no';\nSELECT $x$\n-- polyshift-lint-ignore PG007: no\n$x$;\nCREATE INDEX a ON users (a);",
    finds: ['PG007 5'],
  },
];

test.each(cases)('$name', async ({ sql, finds }) => {
  const settings = { rules: { PG032: 'off' } };
  expect(await found('postgresql', sql, settings)).toEqual(finds);
});

test('comments of MySQL', async () => {
  const sql = '# polyshift-lint-ignore MY029: small\nDELETE FROM users;\nSELECT "it\\"s # polyshift-lint-ignore MY029: no";';
  expect(await found('mysql', sql)).toEqual([]);
});

test('comments of CQL', async () => {
  expect(await found('cassandra', '// polyshift-lint-ignore CA105: test data\nTRUNCATE users;\nTRUNCATE orders;')).toEqual([
    'CA105 3',
  ]);
});

test('a rule that is switched off needs no comment, and the comment is not blamed', async () => {
  const sql = '-- polyshift-lint-ignore PG007: empty\nCREATE INDEX a ON users (a);';
  expect(await found('postgresql', sql, { rules: { PG007: 'off', PG032: 'off' } })).toEqual([]);
});

test('in YAML a comment holds for the operation that it stands in or above', async () => {
  const text = `operations:
  # polyshift-lint-ignore OP003: nobody uses it
  - { type: remove_field, collection: users, data: { field_name: a } }
  - type: remove_field # polyshift-lint-ignore OP003: nobody uses it
    collection: users
    data: { field_name: b }
  - { type: remove_field, collection: users, data: { field_name: c } }
  # polyshift-lint-ignore PG101: nobody uses it
  - type: run_sql
    data:
      up: |
        ALTER TABLE users DROP COLUMN d;
        -- polyshift-lint-ignore PG106: no readers
        ALTER TABLE users RENAME COLUMN e TO f;
        ALTER TABLE users RENAME COLUMN g TO h;
      down: SELECT 1
`;
  const { findings } = await lintFiles('postgresql', { '0001_a.yaml': text }, { rules: { PG032: 'off' } });
  expect(findings.map(({ code, line }) => `${code} ${line}`)).toEqual(['OP003 7', 'PG106 15']);
});

test('in TypeScript too', async () => {
  const text = `export default {
  operations: [
    // polyshift-lint-ignore OP003: nobody uses it
    { type: 'remove_field', collection: 'users', data: { field_name: 'a' } },
    { type: 'remove_field', collection: 'users', data: { field_name: 'b' } },
  ],
};
`;
  const { findings } = await lintFiles('mongodb', { '0001_a.ts': text });
  expect(findings.map(({ code, line }) => `${code} ${line}`)).toEqual(['OP003 5']);
});
