import { type AnyOperationInput, finalize, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migrationOf, server, servers, TestDatabase } from './harness.ts';

type Inner = { type: string; data: object; conditions?: object };
type Rows = unknown[][];

/** One kind of change, what both applications write while both versions are in use, and what the two tables must then hold. */
interface Case {
  readonly title: string;
  readonly create: string;
  readonly rows: string;
  readonly operations: readonly Inner[];
  readonly back?: Record<string, unknown>;
  readonly writes: readonly string[];
  readonly old: Rows;
  readonly fresh: Rows;
}

const plain = 'CREATE TABLE users (id int PRIMARY KEY, name varchar(40), age int)';

const cases: readonly Case[] = [
  {
    title: 'rename_field',
    create: plain,
    rows: "(1, 'a', 1), (2, NULL, NULL)",
    operations: [{ type: 'rename_field', data: { old_name: 'name', new_name: 'label' } }],
    writes: [
      "INSERT INTO users VALUES (3, 'c', 3)",
      "INSERT INTO users__v1 VALUES (4, 'd', NULL)",
      "UPDATE users__v1 SET label = 'B' WHERE id = 2",
      'UPDATE users SET name = NULL WHERE id = 1',
      'DELETE FROM users__v1 WHERE id = 3',
    ],
    old: [
      [1, null, 1],
      [2, 'B', null],
      [4, 'd', null],
    ],
    fresh: [
      [1, null, 1],
      [2, 'B', null],
      [4, 'd', null],
    ],
  },
  {
    title: 'change_type: what has not changed keeps its old form',
    create: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(40), age varchar(10))',
    rows: "(1, 'a', '007'), (2, 'b', NULL), (3, 'c', '12')",
    operations: [{ type: 'change_type', data: { field_name: 'age', to: 'int64' } }],
    writes: [
      "UPDATE users__v1 SET name = 'A' WHERE id = 1",
      'UPDATE users__v1 SET age = 13 WHERE id = 3',
      "UPDATE users SET age = '0020' WHERE id = 2",
      "INSERT INTO users__v1 VALUES (4, 'd', 4)",
    ],
    old: [
      [1, 'A', '007'],
      [2, 'b', '0020'],
      [3, 'c', '13'],
      [4, 'd', '4'],
    ],
    fresh: [
      [1, 'A', 7],
      [2, 'b', 20],
      [3, 'c', 13],
      [4, 'd', 4],
    ],
  },
  {
    title: 'change_type with using',
    create: plain,
    rows: "(1, 'a', 10), (2, 'b', NULL)",
    operations: [{ type: 'change_type', data: { field_name: 'age', to: 'varchar(20)', using: "CONCAT(users.age, ' years')" } }],
    back: { age: "REPLACE(age, ' years', '')" },
    writes: ["INSERT INTO users VALUES (3, 'c', 30)", "UPDATE users__v1 SET age = '11 years' WHERE id = 1"],
    old: [
      [1, 'a', 11],
      [2, 'b', null],
      [3, 'c', 30],
    ],
    fresh: [
      [1, 'a', '11 years'],
      [2, 'b', null],
      [3, 'c', '30 years'],
    ],
  },
  {
    title: "add_field: its values are the new version's own",
    create: plain,
    rows: "(1, 'a', 1), (2, 'b', 40)",
    operations: [
      { type: 'add_field', data: { field_name: 'tier', default_value: 'free' } },
      { type: 'add_field', data: { field_name: 'senior', default_value: true }, conditions: { age: { gte: 30 } } },
    ],
    writes: [
      "UPDATE users__v1 SET tier = 'gold' WHERE id = 1",
      "UPDATE users SET name = 'A' WHERE id = 1",
      'UPDATE users SET age = 50 WHERE id = 1',
      "INSERT INTO users VALUES (3, 'c', 3)",
    ],
    old: [
      [1, 'A', 50],
      [2, 'b', 40],
      [3, 'c', 3],
    ],
    fresh: [
      [1, 'A', 50, 'gold', 1],
      [2, 'b', 40, 'free', 1],
      [3, 'c', 3, 'free', null],
    ],
  },
  {
    title: 'remove_field with a way back',
    create: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(40) NOT NULL, age int)',
    rows: "(1, 'a', 1), (2, 'b', 2)",
    operations: [{ type: 'remove_field', data: { field_name: 'name' } }],
    back: { name: "CONCAT('nr ', id)" },
    writes: ['INSERT INTO users__v1 VALUES (3, 3)', 'UPDATE users__v1 SET age = 10 WHERE id = 1'],
    old: [
      [1, 'a', 10],
      [2, 'b', 2],
      [3, 'nr 3', 3],
    ],
    fresh: [
      [1, 10],
      [2, 2],
      [3, 3],
    ],
  },
  {
    title: 'remove_field without one: its default',
    create: "CREATE TABLE users (id int PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', age int)",
    rows: "(1, 'a', 1)",
    operations: [{ type: 'remove_field', data: { field_name: 'name' } }],
    writes: ['INSERT INTO users__v1 VALUES (3, 3)', 'UPDATE users__v1 SET age = 10'],
    old: [
      [1, 'a', 10],
      [3, 'x', 10],
    ],
    fresh: [
      [1, 10],
      [3, 10],
    ],
  },
  {
    title: 'migrate_data, with conditions',
    create: plain,
    rows: "(1, 'a', 1), (2, 'b', 40), (3, NULL, 50)",
    operations: [{ type: 'migrate_data', conditions: { age: { gte: 30 } }, data: { set: { name: "CONCAT(name, '!')" } } }],
    writes: [
      "INSERT INTO users VALUES (4, 'd', 60)",
      "INSERT INTO users__v1 VALUES (5, 'e', 60)",
      'UPDATE users__v1 SET age = 41 WHERE id = 2',
    ],
    old: [
      [1, 'a', 1],
      [2, 'b', 41],
      [3, null, 50],
      [4, 'd', 60],
      [5, 'e', 60],
    ],
    fresh: [
      [1, 'a', 1],
      [2, 'b!', 41],
      [3, null, 50],
      [4, 'd!', 60],
      [5, 'e', 60],
    ],
  },
  {
    title: 'several after each other',
    create: plain,
    rows: "(1, 'a', 1), (2, NULL, NULL)",
    operations: [
      { type: 'change_type', data: { field_name: 'age', to: 'varchar(20)' } },
      { type: 'rename_field', data: { old_name: 'age', new_name: 'years' } },
      { type: 'add_field', data: { field_name: 'both', type: 'varchar(80)' } },
      { type: 'migrate_data', data: { set: { both: "CONCAT(name, '/', years)" } } },
      { type: 'create_index', data: { name: 'by_both', keys: { both: 1 } } },
    ],
    writes: ["INSERT INTO users VALUES (3, 'c', 3)", "UPDATE users SET name = 'A' WHERE id = 1"],
    old: [
      [1, 'A', 1],
      [2, null, null],
      [3, 'c', 3],
    ],
    fresh: [
      [1, 'A', '1', 'A/1'],
      [2, null, null, null],
      [3, 'c', '3', 'c/3'],
    ],
  },
  {
    title: 'constraints, indexes, options',
    create:
      "CREATE TABLE users (id int PRIMARY KEY, name varchar(40), age int, CONSTRAINT grown CHECK (age < 200)) COMMENT 'old'",
    rows: "(1, 'a', 1), (2, 'b', 2)",
    operations: [
      { type: 'add_constraint', data: { name: 'users_name', constraint: { kind: 'not_null', field: 'name' } } },
      { type: 'add_constraint', data: { name: 'one_name', constraint: { kind: 'unique', fields: ['name'] } } },
      { type: 'add_constraint', data: { name: 'born', constraint: { kind: 'check', expression: 'age >= 0' } } },
      { type: 'drop_constraint', data: { name: 'grown' } },
      { type: 'create_index', data: { name: 'few', keys: { age: 1 }, unique: true, where: { age: { gt: 20 } } } },
      { type: 'set_default', data: { field_name: 'name', default_value: 'nobody' } },
      { type: 'alter_options', data: { options: { comment: 'new' } } },
    ],
    writes: ['INSERT INTO users__v1 (id, age) VALUES (3, 3)', "UPDATE users SET name = 'B' WHERE id = 2"],
    old: [
      [1, 'a', 1],
      [2, 'B', 2],
      [3, 'nobody', 3],
    ],
    fresh: [
      [1, 'a', 1],
      [2, 'B', 2],
      [3, 'nobody', 3],
    ],
  },
];

describe.each(servers)('two versions of a table on %s', (name) => {
  it.each(cases.map((each) => [each.title, each] as const))(
    '%s',
    async (_title, { create, rows, operations, back, writes, old, fresh }) => {
      await using database = await TestDatabase.on(await server(name));
      await database.sql(create);
      await database.sql(`INSERT INTO users VALUES ${rows}`);
      const operation = {
        type: 'online_change',
        collection: 'users',
        data: { operations, ...(back ? { back } : {}) },
      } as unknown as AnyOperationInput;
      const runner = { session: database.session, migrations: [migrationOf([operation])] };
      const definition = await database.sql('SHOW CREATE TABLE users');
      const all = (table: string) => database.sql(`SELECT * FROM ${table} ORDER BY id`);
      await up(runner);
      for (const write of writes) await database.sql(write);
      expect(await all('users')).toEqual(old);
      expect(await all('users__v1')).toEqual(fresh);
      const failed = (await verify(runner)).checks.filter(({ status }) => status === 'FAILED');
      expect(failed).toEqual([]);

      await database.down(operation);
      expect(await all('users')).toEqual(old);
      expect(await database.sql('SHOW CREATE TABLE users')).toEqual(definition);
      expect(await database.sql('SHOW TRIGGERS')).toEqual([]);
      expect(Object.keys((await database.session.introspect()).collections)).toEqual(['users']);

      await up(runner);
      const columns = await database.sql('SHOW COLUMNS FROM users__v1');
      const copied = await all('users__v1');
      await finalize(runner, { version: '1', old_version_ended: true });
      expect(await database.sql('SHOW COLUMNS FROM users')).toEqual(columns);
      expect(await all('users')).toEqual(copied);
      expect(await all('users__v1')).toEqual(copied);
      expect(await database.sql('SHOW TRIGGERS')).toEqual([]);
      const left = (await database.sql("SHOW TABLES LIKE 'polyshift\\_%'")).map(([table]) => table);
      expect(left).toEqual(['polyshift_fence', 'polyshift_lock', 'polyshift_records', 'polyshift_schema_migrations']);
    },
  );
});
