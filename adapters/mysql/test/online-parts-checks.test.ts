import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const users =
  "CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), street varchar(20), zip varchar(9) NOT NULL DEFAULT '', city varchar(9) DEFAULT 'x', way varchar(40) AS (CONCAT(street, name)) VIRTUAL)";
const profiles =
  'CREATE TABLE profiles (user_id int PRIMARY KEY, bio text, avatar varchar(20), CONSTRAINT own FOREIGN KEY (user_id) REFERENCES users (id))';
const split = (fields: string[], more = {}) => ({ split: [{ into: 'addresses', fields, ...more }] });
const merge = (more = {}) => ({ merge: [{ from: 'profiles', ...more }] });

const cases = [
  { title: 'a key', change: split(['id']), message: 'identifies its rows' },
  { title: 'a column that is not there', change: split(['nowhere']), message: 'has no column nowhere' },
  { title: 'a column that must have a value', change: split(['zip']), message: 'zip must have a value' },
  { title: 'a column with a default', change: split(['city']), message: 'city has a default' },
  { title: 'a computed column', change: split(['way']), message: 'the store computes way' },
  { title: 'a key of another length', change: split(['street'], { key: ['a', 'b'] }), message: 'its key has 1 columns' },
  { title: 'a key with the name of a field', change: split(['street'], { key: ['street'] }), message: 'two columns street' },
  {
    title: 'a table that is there',
    change: { split: [{ into: 'profiles', fields: ['street'] }] },
    message: 'such a table already',
  },
  { title: 'a column that is split twice', change: split(['street', 'street']), message: 'users.street twice' },
  {
    title: 'a column that an operation changes',
    change: { ...split(['name']), operations: [renamed] },
    message: 'the operations or back name name',
  },
  { title: 'a merge that would lose a column', change: merge({ fields: ['bio'] }), message: 'avatar would be lost' },
  { title: 'a merge of nothing', change: { merge: [{ from: 'nothing' }] }, message: 'no such table' },
  {
    title: 'a merge without a foreign key',
    sql: ['ALTER TABLE profiles DROP FOREIGN KEY own'],
    change: merge(),
    message: 'no foreign key from user_id',
  },
  {
    title: 'a merge by a key that is not unique',
    sql: ['ALTER TABLE profiles ADD other int NOT NULL'],
    change: merge({ key: ['other'] }),
    message: 'neither its primary key nor unique',
  },
  {
    title: 'a merge of a column that is there already',
    sql: ['ALTER TABLE profiles ADD name int'],
    change: merge(),
    message: 'it has name already',
  },
  {
    title: 'a merge of a table with a trigger',
    sql: ['CREATE TRIGGER t AFTER DELETE ON profiles FOR EACH ROW SET @a = 1'],
    change: merge(),
    message: 'the trigger t',
  },
  {
    title: 'a merge of a table that another one refers to',
    sql: ['CREATE TABLE pictures (id int, CONSTRAINT p FOREIGN KEY (id) REFERENCES profiles (user_id))'],
    change: merge(),
    message: 'the foreign key p of pictures',
  },
];

describe.each(servers)('splits and merges on %s', { timeout: 120_000 }, (name) => {
  it('are refused with the reason before anything is changed', async () => {
    for (const { title, sql = [], change, message } of cases) {
      await using stage = await TwoVersionsStage.on(name, [users, profiles, ...sql], change);
      const before = await stage.sql('SHOW TABLES');
      await expect(stage.up(), title).rejects.toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining(message) });
      expect(
        (await stage.sql('SHOW TABLES')).filter(([table]) => !String(table).startsWith('polyshift_')),
        title,
      ).toEqual(before);
    }
  });

  it('carry every type, keys of several columns, and leave the time of a change of another table alone', async () => {
    const types = "j json, b bit(5), e enum('x', 'y'), d decimal(20, 5), t timestamp NULL, f float, v varbinary(9)";
    const values = `'{"a": 1}', b'10110', 'y', 12345.67891, '2024-01-02 03:04:05', 1.5, X'00ff'`;
    const seen = 'seen datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)';
    await using stage = await TwoVersionsStage.on(
      name,
      [
        `CREATE TABLE users (a varchar(9) CHARACTER SET latin1, z int UNSIGNED, ${types}, ${seen}, PRIMARY KEY (a, z)) DEFAULT CHARSET=utf8mb4`,
        `CREATE TABLE profiles (z int UNSIGNED, bio varchar(9) CHARACTER SET latin1, pj json, pb bit(5), a varchar(9) CHARACTER SET latin1, UNIQUE KEY (z, a),
           FOREIGN KEY (a, z) REFERENCES users (a, z) ON UPDATE CASCADE)`,
        'ALTER TABLE profiles MODIFY z int UNSIGNED NOT NULL, MODIFY a varchar(9) CHARACTER SET latin1 NOT NULL',
        `INSERT INTO users VALUES ('é', 1, ${values}, '2020-01-01'), ('k', 1, ${'NULL, '.repeat(7)} '2020-01-01')`,
        `INSERT INTO profiles VALUES (1, 'é', '{"b": [2]}', b'101', 'é')`,
      ],
      {
        operations: [{ type: 'rename_field', data: { old_name: 'z', new_name: 'zone' } }],
        split: [{ into: 'parts', fields: ['j', 'b', 'e', 'd', 't', 'f', 'v'] }],
        merge: [{ from: 'profiles', key: ['a', 'z'], fields: ['bio', 'pj', 'pb'] }],
      },
    );
    const planned = (await stage.database.plan(stage.operation)).map(({ statement }) => statement).join('\n');
    for (const part of [
      'CREATE TABLE `parts` (`a`, `z`, `j`',
      'INSERT INTO `parts` SELECT',
      'ADD COLUMN `bio`',
      'RENAME TABLE `profiles` TO',
    ])
      expect(planned).toContain(part);
    await stage.up();
    expect(await stage.problems()).toEqual([]);
    await stage.sql(
      `INSERT INTO parts VALUES ('k', 1, ${values})`,
      "UPDATE parts SET d = 1 WHERE a = 'é'",
      "UPDATE profiles SET bio = 'ü' WHERE a = 'é'",
      "UPDATE users__v1 SET pj = '[1]', seen = '2020-01-01' WHERE a = 'k'",
    );
    expect(await stage.problems()).toEqual([]);
    expect(await stage.sql("SELECT a, d, CAST(seen AS CHAR(10)) FROM users ORDER BY a = 'k'")).toEqual([
      ['é', '1.00000', '2020-01-01'],
      ['k', '12345.67891', '2020-01-01'],
    ]);
    expect(await stage.sql("SELECT bio, CAST(pj AS CHAR), zone FROM users__v1 ORDER BY a = 'k'")).toEqual([
      ['ü', '{"b": [2]}', 1],
      [null, '[1]', 1],
    ]);
  });
});
