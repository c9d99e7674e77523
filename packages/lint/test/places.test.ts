import { expect, test } from 'vitest';
import { lintFiles } from './lint-text.ts';

const off = { rules: { PG032: 'off', MY026: 'off', OP008: 'off' } };

const cases: { name: string; store: string; file: string; text: string; places: string[] }[] = [
  {
    name: 'a column that is added, in a statement of several lines',
    store: 'postgresql',
    file: 'a.sql',
    text: '-- two\n-- lines\n\nALTER TABLE users\n  ADD COLUMN ok int,\n  ADD COLUMN bad int NOT NULL;\n',
    places: ['PG001 6:14'],
  },
  {
    name: 'characters of several bytes before it',
    store: 'postgresql',
    file: 'a.sql',
    text: "SELECT 'äöü😀';\nSELECT 'é'; ALTER TABLE users ADD COLUMN bad int NOT NULL;",
    places: ['PG001 2:42'],
  },
  {
    name: 'lines that end with CR LF',
    store: 'postgresql',
    file: 'a.sql',
    text: 'SELECT 1;\r\n\r\nCREATE INDEX i ON users (a);\r\n',
    places: ['PG007 3:1'],
  },
  {
    name: 'a byte order mark',
    store: 'postgresql',
    file: 'a.sql',
    text: '\uFEFFCREATE INDEX i ON users (a);',
    places: ['PG007 1:1'],
  },
  {
    name: 'actions of MySQL',
    store: 'mysql',
    file: 'a.sql',
    text: 'ALTER TABLE users\n  ADD COLUMN a INT,\n  DROP COLUMN b,\n  RENAME COLUMN c TO d;',
    places: ['MY201 3:3', 'MY205 4:3'],
  },
  {
    name: 'SQL that does not parse',
    store: 'postgresql',
    file: 'a.sql',
    text: "SELECT 'é';\nALTER TABLE users AD COLUMN x;",
    places: ['LN001 2:19'],
  },
  {
    name: 'MySQL that does not parse',
    store: 'mysql',
    file: 'a.sql',
    text: 'SELECT 1;\nALTER TABLE t FOO;',
    places: ['LN001 2:18'],
  },
  { name: 'a quote that is not closed', store: 'mysql', file: 'a.sql', text: "SELECT 1;\nSELECT 'x;", places: ['LN001 2:8'] },
  { name: 'CQL that does not parse', store: 'cassandra', file: 'a.cql', text: 'SELECT 1;\nFOO BAR;', places: ['LN001 2:1'] },
  {
    name: 'a block of YAML',
    store: 'postgresql',
    file: '0001_a.yaml',
    text: 'operations:\n  - type: run_sql\n    data:\n      up: |\n        SELECT 1;\n\n          CREATE INDEX i ON users (a);\n',
    places: ['PG007 7:11'],
  },
  {
    name: 'a block of YAML that begins with blank lines',
    store: 'postgresql',
    file: '0001_a.yaml',
    text: 'operations:\n  - type: run_sql\n    data:\n      up: |-\n\n        CREATE INDEX i ON users (a);\n',
    places: ['PG007 6:9'],
  },
  {
    name: 'YAML on one line',
    store: 'postgresql',
    file: '0001_a.yaml',
    text: 'operations:\n  - { type: run_sql, data: { up: "SELECT 1; CREATE INDEX i ON users (a)" } }\n',
    places: ['PG007 2:45'],
  },
  {
    name: 'folded YAML begins where it begins',
    store: 'postgresql',
    file: '0001_a.yaml',
    text: 'operations:\n  - type: run_sql\n    data:\n      up: >\n        SELECT 1;\n        CREATE INDEX i\n        ON users (a);\n',
    places: ['PG007 4:11'],
  },
  {
    name: 'a path inside of an operation',
    store: 'mongodb',
    file: '0001_a.yaml',
    text: 'operations:\n  - type: create_index\n    collection: log\n    data:\n      name: t\n      keys: { at: 1 }\n      expire_after_seconds: 60\n',
    places: ['MG004 7:29'],
  },
  {
    name: 'operations of a module',
    store: 'mongodb',
    file: '0001_a.ts',
    text: "export default {\n  operations: [\n    { type: 'drop_collection', collection: 'a', data: {} },\n    { type: 'drop_collection', collection: 'b', data: {} },\n  ],\n};\n",
    places: ['OP004 3:13', 'OP004 4:13'],
  },
  {
    name: 'a script of a module',
    store: 'postgresql',
    file: '0001_a.ts',
    text: 'export default {\n  operations: [\n    { type: "run_sql", data: { up: `\n      SELECT 1;\n      CREATE INDEX i ON users (a);` } },\n  ],\n};\n',
    places: ['PG007 5:7'],
  },
  {
    name: 'a document with a wrong field',
    store: 'mongodb',
    file: '0001_a.yaml',
    text: 'operations:\n  - type: drop_index\n    collection: a\n    data: { nam: i }\n',
    places: ['LN002 4:11'],
  },
];

test.each(cases)('$name', async ({ store, file, text, places }) => {
  const { findings } = await lintFiles(store, { [file]: text }, off);
  expect(findings.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual(places);
});
