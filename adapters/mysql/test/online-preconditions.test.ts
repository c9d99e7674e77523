import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { type OnlineChangeInput, renamed, TwoVersionsStage } from './online-harness.ts';

const create = 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), age int)';

interface Refusal {
  readonly title: string;
  readonly sql: readonly string[];
  readonly change?: OnlineChangeInput;
  readonly message: RegExp;
}

const refusals: readonly Refusal[] = [
  { title: 'a table without a key', sql: ['CREATE TABLE users (name varchar(20))'], message: /primary key/ },
  { title: 'an engine without transactions', sql: [`${create} ENGINE=MyISAM`], message: /MyISAM/ },
  { title: 'views', sql: [create, 'CREATE VIEW names AS SELECT name FROM users'], message: /names/ },
  {
    title: 'a key that goes',
    sql: [create],
    change: { operations: [{ type: 'remove_field', data: { field_name: 'id' } }] },
    message: /id identifies the rows/,
  },
  {
    title: 'a key that is reckoned anew under another name',
    sql: [create],
    change: {
      operations: [
        { type: 'rename_field', data: { old_name: 'id', new_name: 'number' } },
        { type: 'migrate_data', data: { set: { number: 'number + 1' } } },
      ],
    },
    message: /number identifies the rows/,
  },
  {
    title: 'values that are others each time',
    sql: [create],
    change: { operations: [{ type: 'migrate_data', data: { set: { name: 'UUID()' } } }] },
    message: /UUID/,
  },
  {
    title: 'a field that the old version must have',
    sql: ['CREATE TABLE users (id int PRIMARY KEY, name varchar(20) NOT NULL)', "INSERT INTO users VALUES (1, 'a')"],
    change: {
      operations: [
        { type: 'add_field', data: { field_name: 'age', type: 'int32' } },
        { type: 'remove_field', data: { field_name: 'name' } },
      ],
    },
    message: /data\.back\.name|name must have a value/,
  },
  {
    title: 'a way back for no field',
    sql: [create],
    change: { operations: [renamed], back: { nobody: "'x'" } },
    message: /nobody/,
  },
];

describe.each(servers)('before an online change on %s', (name) => {
  it.each(refusals.map((each) => [each.title, each] as const))(
    '%s is refused, and nothing is changed',
    async (_title, { sql, change, message }) => {
      await using stage = await TwoVersionsStage.on(name, sql, change ?? { operations: [renamed] });
      const before = await stage.sql('SHOW CREATE TABLE users');
      await expect(stage.up()).rejects.toMatchObject({ message: expect.stringMatching(message) });
      expect(await stage.sql('SHOW CREATE TABLE users')).toEqual(before);
      expect(await stage.sql("SHOW TABLES LIKE 'users\\_%'")).toEqual([]);
    },
  );

  it('a foreign key that only looks is carried over', async () => {
    const sql = [
      'CREATE TABLE teams (id int PRIMARY KEY)',
      'INSERT INTO teams VALUES (1), (2)',
      'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), team int, CONSTRAINT in_team FOREIGN KEY (team) REFERENCES teams (id))',
      "INSERT INTO users VALUES (1, 'a', 1)",
    ];
    await using stage = await TwoVersionsStage.on(name, sql, { operations: [renamed] });
    await stage.up();
    await stage.sql("INSERT INTO users__v1 VALUES (2, 'b', 2)");
    await expect(stage.sql("INSERT INTO users__v1 VALUES (3, 'c', 3)")).rejects.toMatchObject({ errno: 1452 });
    await stage.finalize();
    await expect(stage.sql("INSERT INTO users VALUES (3, 'c', 3)")).rejects.toMatchObject({ errno: 1452 });
    await expect(stage.sql('DELETE FROM teams')).rejects.toMatchObject({ errno: 1451 });
    expect(await stage.sql('SELECT * FROM users')).toEqual([
      [1, 'a', 1],
      [2, 'b', 2],
    ]);
  });
});
