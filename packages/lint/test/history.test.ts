import { expect, test } from 'vitest';
import { type Files, lintFiles } from './lint-text.ts';

const off = { PG032: 'off', MY026: 'off', OP008: 'off', OP006: 'off', PG222: 'off', MY306: 'off', PG219: 'off' };

const cases: { name: string; store: string; files: Files; settings?: Record<string, unknown>; finds: string[] }[] = [
  {
    name: 'a table is new in its own file alone',
    store: 'postgresql',
    files: { '0001_a.up.sql': 'CREATE TABLE t (a int);\nCREATE INDEX i ON t (a);', '0002_b.up.sql': 'CREATE INDEX j ON t (a);' },
    finds: ['0002_b.up.sql PG007 1'],
  },
  {
    name: 'a check that is added, validated and used in three migrations',
    store: 'postgresql',
    files: {
      '0001_a.up.sql': 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;',
      '0002_b.up.sql': 'ALTER TABLE t VALIDATE CONSTRAINT c;',
      '0003_c.up.sql': 'ALTER TABLE t ALTER COLUMN a SET NOT NULL;\nALTER TABLE t ALTER COLUMN b SET NOT NULL;',
    },
    finds: ['0003_c.up.sql PG005 2'],
  },
  {
    name: 'a type that grows without a rewrite, as an earlier migration shows',
    store: 'postgresql',
    files: {
      '0001_a.up.sql': 'CREATE TABLE t (a varchar(10), b numeric(8, 2), c int, d timestamp(3), e varchar(10)[]);',
      '0002_b.up.sql':
        'ALTER TABLE t ALTER a TYPE varchar(20);\nALTER TABLE t ALTER a TYPE text;\nALTER TABLE t ALTER b TYPE numeric(10, 2);\nALTER TABLE t ALTER b TYPE numeric(10, 3);\nALTER TABLE t ALTER c TYPE bigint;\nALTER TABLE t ALTER d TYPE timestamp;\nALTER TABLE t ALTER e TYPE varchar(20)[];',
    },
    settings: { rules: { ...off, PG203: 'off' } },
    finds: ['0002_b.up.sql PG006 4', '0002_b.up.sql PG006 5', '0002_b.up.sql PG006 7'],
  },
  {
    name: 'a migration runs in a transaction unless it says otherwise',
    store: 'postgresql',
    files: {
      '0001_a.up.sql': 'CREATE INDEX CONCURRENTLY i ON t (a);',
      '0002_b.up.sql': '-- polyshift: no-transaction\nCREATE INDEX CONCURRENTLY j ON t (a);',
      'other.sql': 'CREATE INDEX CONCURRENTLY k ON t (a);',
    },
    finds: ['0001_a.up.sql PG009 1'],
  },
  {
    name: 'other files run in a transaction where the configuration says so',
    store: 'postgresql',
    files: { 'other.sql': 'CREATE INDEX CONCURRENTLY k ON t (a);' },
    settings: { transaction: true },
    finds: ['other.sql PG009 1'],
  },
  {
    name: 'run_sql runs in a transaction unless it says otherwise',
    store: 'postgresql',
    files: {
      '0001_a.yaml': 'operations:\n  - { type: run_sql, data: { up: "CREATE INDEX CONCURRENTLY i ON t (a)" } }\n',
      '0002_b.yaml':
        'operations:\n  - { type: run_sql, data: { up: "CREATE INDEX CONCURRENTLY i ON t (a)", transaction: false } }\n',
    },
    finds: ['0001_a.yaml PG009 2'],
  },
  {
    name: 'a table that an operation of the migration has created is new',
    store: 'postgresql',
    files: {
      '0001_a.yaml':
        'operations:\n  - { type: create_collection, collection: t, data: { fields: [{ name: a, type: int64 }] } }\n  - { type: run_sql, data: { up: "CREATE INDEX i ON t (a); CREATE INDEX j ON u (a)" } }\n',
    },
    finds: ['0001_a.yaml PG007 3'],
  },
  {
    name: 'a new table that is renamed is still new, and public is the same as no schema',
    store: 'postgresql',
    files: {
      'a.sql':
        'CREATE TABLE t (a int);\nALTER TABLE public.t RENAME TO u;\nCREATE INDEX i ON public.u (a);\nCREATE INDEX j ON x.u (a);',
    },
    finds: ['a.sql PG007 4'],
  },
  {
    name: 'enum values as an earlier migration shows them, renamed columns and letters of any case included',
    store: 'mysql',
    files: {
      'a.sql': "CREATE TABLE t (C ENUM('a', 'b'));",
      'b.sql': 'ALTER TABLE T RENAME COLUMN c TO d;',
      'c.sql': "ALTER TABLE t MODIFY D ENUM('a', 'b', 'c');\nALTER TABLE t MODIFY d ENUM('b', 'a', 'c');",
    },
    finds: ['b.sql MY205 1', 'c.sql MY110 2', 'c.sql MY032 2'],
  },
  {
    name: 'the assumed versions',
    store: 'postgresql',
    files: { 'a.sql': 'ALTER TABLE t ADD COLUMN a int DEFAULT 1;' },
    settings: { postgresql_version: 10 },
    finds: ['a.sql PG002 1'],
  },
  {
    name: 'MariaDB reads inline references',
    store: 'mysql',
    files: { 'a.sql': 'CREATE TABLE t (a BIGINT REFERENCES u (id));' },
    settings: { mariadb_version: '10.11' },
    finds: [],
  },
  {
    name: 'names of all kinds',
    store: 'postgresql',
    files: {
      'a.sql':
        'CREATE SCHEMA "S";\nCREATE TABLE "T" ("A" int CONSTRAINT "K" CHECK ("A" > 0), CONSTRAINT "F" FOREIGN KEY ("A") REFERENCES u (id));\nCREATE INDEX "I" ON "T" ("A");',
    },
    settings: {
      naming: Object.fromEntries(
        ['schema', 'table', 'column', 'index', 'foreign_key', 'check'].map((kind) => [kind, '^[a-z_]+$']),
      ),
    },
    finds: ['a.sql NM101 1', 'a.sql NM102 2', 'a.sql NM103 2', 'a.sql NM106 2', 'a.sql NM105 2', 'a.sql NM104 3'],
  },
  {
    name: 'names of MySQL',
    store: 'mysql',
    files: { 'a.sql': 'CREATE TABLE T (A INT PRIMARY KEY, CONSTRAINT F FOREIGN KEY (A) REFERENCES u (id), KEY I (A));' },
    settings: { naming: { table: '^[a-z]+$', column: '^[a-z]+$', index: '^[a-z]+$', foreign_key: '^[a-z]+$' } },
    finds: ['a.sql NM102 1', 'a.sql NM103 1', 'a.sql NM105 1', 'a.sql NM104 1', 'a.sql MY301 1'],
  },
];

test.each(cases)('$name', async ({ store, files, settings, finds }) => {
  const { findings } = await lintFiles(store, files, { rules: off, ...settings });
  const shown = findings.map(({ file, code, line }) => `${file} ${code} ${line}`);
  expect([...shown].sort()).toEqual([...finds].sort());
});

test('levels of the configuration replace those of the rules', async () => {
  const files = { 'a.sql': 'CREATE INDEX i ON t (a);\nALTER TABLE t ADD COLUMN v varchar(3);' };
  const { findings, errors, warnings } = await lintFiles('postgresql', files, {
    rules: { PG007: 'warning', PG202: 'error', PG032: 'off' },
  });
  expect(findings.map(({ code, level }) => `${code} ${level}`)).toEqual(['PG007 warning', 'PG202 error']);
  expect({ errors, warnings }).toEqual({ errors: 1, warnings: 1 });
});

test('statements for a store that has none are one finding', async () => {
  const { findings } = await lintFiles('mongodb', { 'a.sql': 'SELECT 1' });
  expect(findings.map(({ code }) => code)).toEqual(['LN002']);
  expect((await lintFiles('an-adapter-of-somebody', { 'a.sql': 'SELECT 1' })).findings).toEqual([]);
});
