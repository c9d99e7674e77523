import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const users = [
  'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), street varchar(40), city varchar(40))',
  "INSERT INTO users VALUES (1, 'a', 's1', 'c1'), (2, 'b', NULL, NULL), (3, 'c', NULL, 'c3')",
];
const profiles = [
  'CREATE TABLE profiles (user_id int PRIMARY KEY, bio text, avatar varchar(20), FOREIGN KEY (user_id) REFERENCES users (id))',
  "INSERT INTO profiles VALUES (1, 'bio 1', 'av'), (3, NULL, NULL)",
];
const split = [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }];
const merge = [{ from: 'profiles', key: ['user_id'] }];

describe.each(servers)('an online change that splits and merges tables on %s', { timeout: 120_000 }, (name) => {
  it('gives some columns a table of their own, which each version sees in its own form', async () => {
    await using stage = await TwoVersionsStage.on(name, users, { operations: [renamed], split });
    const before = await stage.database.session.fingerprint('users');
    await stage.up();
    expect(await stage.problems()).toEqual([]);
    expect(await stage.sql('SELECT * FROM addresses ORDER BY user_id')).toEqual([
      [1, 's1', 'c1'],
      [3, null, 'c3'],
    ]);
    expect(await stage.sql('SELECT * FROM users__v1 ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    // The old version writes.
    await stage.sql(
      "INSERT INTO users VALUES (10, 'x', 's10', NULL), (11, 'y', NULL, NULL)",
      "UPDATE users SET street = 's2' WHERE id = 2",
      'UPDATE users SET street = NULL, city = NULL WHERE id = 1',
      'DELETE FROM users WHERE id = 3',
    );
    expect(await stage.sql('SELECT * FROM addresses ORDER BY user_id')).toEqual([
      [2, 's2', null],
      [10, 's10', null],
    ]);
    // The new version writes.
    await stage.sql(
      "INSERT INTO users__v1 VALUES (20, 'n')",
      "INSERT INTO addresses VALUES (20, 's20', 'c20'), (11, 's11', NULL)",
      "UPDATE addresses SET city = 'c2' WHERE user_id = 2",
      'DELETE FROM addresses WHERE user_id = 10',
      "UPDATE users__v1 SET label = 'other' WHERE id = 2",
    );
    const expected = [
      [1, 'a', null, null],
      [2, 'other', 's2', 'c2'],
      [10, 'x', null, null],
      [11, 'y', 's11', null],
      [20, 'n', 's20', 'c20'],
    ];
    expect(await stage.sql('SELECT * FROM users ORDER BY id')).toEqual(expected);
    expect(await stage.problems()).toEqual([]);
    await stage.sql('DELETE FROM users__v1 WHERE id = 20', 'UPDATE users__v1 SET id = 12 WHERE id = 11');
    expect(await stage.sql('SELECT * FROM addresses ORDER BY user_id')).toEqual([
      [2, 's2', 'c2'],
      [12, 's11', null],
    ]);
    expect(await stage.problems()).toEqual([]);
    await stage.down();
    expect(await stage.sql("SHOW TABLES LIKE 'addresses'")).toEqual([]);
    expect(await stage.sql('SELECT * FROM users WHERE id = 12')).toEqual([[12, 'y', 's11', null]]);
    await stage.sql('DELETE FROM users', ...users.slice(1));
    expect(await stage.database.session.fingerprint('users')).toEqual(before);
  });

  it('gives the table the columns of another one, which ends with the old version', async () => {
    await using stage = await TwoVersionsStage.on(name, [...users, ...profiles], { merge });
    await stage.up();
    expect(await stage.problems()).toEqual([]);
    const merged = 'SELECT id, name, bio, avatar FROM users__v1 ORDER BY id';
    expect(await stage.sql(merged)).toEqual([
      [1, 'a', 'bio 1', 'av'],
      [2, 'b', null, null],
      [3, 'c', null, null],
    ]);
    // The old version writes.
    await stage.sql(
      "INSERT INTO users (id, name) VALUES (10, 'x')",
      "INSERT INTO profiles VALUES (10, 'bio 10', NULL), (2, NULL, 'av2')",
      "UPDATE profiles SET bio = 'bio 3' WHERE user_id = 3",
      'DELETE FROM profiles WHERE user_id = 1',
    );
    expect(await stage.sql(merged)).toEqual([
      [1, 'a', null, null],
      [2, 'b', null, 'av2'],
      [3, 'c', 'bio 3', null],
      [10, 'x', 'bio 10', null],
    ]);
    // The new version writes.
    await stage.sql(
      "INSERT INTO users__v1 (id, name, bio) VALUES (20, 'n', 'bio 20'), (21, 'o', NULL)",
      "UPDATE users__v1 SET bio = 'again', name = 'aa' WHERE id = 1",
      'UPDATE users__v1 SET avatar = NULL WHERE id = 2',
      'DELETE FROM users__v1 WHERE id = 3',
      'UPDATE users__v1 SET id = 11 WHERE id = 10',
    );
    expect(await stage.sql('SELECT * FROM profiles ORDER BY user_id')).toEqual([
      [1, 'again', null],
      [2, null, null],
      [11, 'bio 10', null],
      [20, 'bio 20', null],
    ]);
    expect(await stage.sql('SELECT id, name FROM users ORDER BY id')).toEqual([
      [1, 'aa'],
      [2, 'b'],
      [11, 'x'],
      [20, 'n'],
      [21, 'o'],
    ]);
    expect(await stage.problems()).toEqual([]);
    await stage.finalize();
    expect(await stage.sql("SHOW TABLES LIKE 'profiles'")).toEqual([]);
    expect(await stage.sql('SELECT id, bio FROM users ORDER BY id')).toEqual([
      [1, 'again'],
      [2, null],
      [11, 'bio 10'],
      [20, 'bio 20'],
      [21, null],
    ]);
    expect(await stage.sql('SHOW TRIGGERS')).toEqual([]);
    expect(await stage.sql("SHOW TABLES LIKE 'polyshift\\_%e%'")).not.toContainEqual([expect.stringContaining('aside')]);
  });
});
