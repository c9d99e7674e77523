import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const users = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), street varchar(20), city varchar(20))',
  "INSERT INTO users VALUES (1, 'a', 's1', 'c1'), (2, 'b', NULL, NULL)",
];
const profiles = [
  'CREATE TABLE profiles (user_id int PRIMARY KEY, bio varchar(10) NOT NULL, avatar varchar(20) UNIQUE, FOREIGN KEY (user_id) REFERENCES users (id))',
  "INSERT INTO profiles VALUES (1, 'bio 1', 'av1')",
];
const split = [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }];
const merge = [{ from: 'profiles' }];

describe.each(servers)('writes that a part or its hub refuses on %s', { timeout: 120_000 }, (name) => {
  it('are recorded where an address has no user, and carried as soon as it has one', async () => {
    await using stage = await TwoVersionsStage.on(name, users, { operations: [renamed], split });
    await stage.up();
    await stage.sql("INSERT INTO addresses VALUES (7, 's7', NULL), (8, 's8', NULL), (9, 's9', NULL)");
    expect(await stage.problems()).toMatchObject([
      {
        check: 'no_refused_writes',
        status: 'WARNING',
        message: expect.stringMatching(
          /^3 rows .*addresses user_id=7 of the new version \(there is no row of users with this key\)/,
        ),
      },
    ]);
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await expect(stage.down()).rejects.toMatchObject({
      code: 'WRITTEN_SINCE',
      message: expect.stringContaining('addresses user_id=7'),
    });
    // The new version makes one user, the old one another, and the third address goes.
    await stage.sql(
      "INSERT INTO users__v1 VALUES (7, 'g')",
      "INSERT INTO users VALUES (8, 'h', NULL, 'c8')",
      'DELETE FROM addresses WHERE user_id = 9',
    );
    const rows = await stage.sql('SELECT * FROM users WHERE id > 2 ORDER BY id');
    expect(rows).toEqual([
      [7, 'g', 's7', null],
      [8, 'h', null, 'c8'],
    ]);
    expect(await stage.sql('SELECT * FROM addresses WHERE user_id > 2 ORDER BY user_id')).toEqual([
      [7, 's7', null],
      [8, null, 'c8'],
    ]);
    await stage.down();
    expect(await stage.sql('SELECT * FROM users WHERE id > 2 ORDER BY id')).toEqual(rows);
  });

  it('of an address that came before its user reach a user of the old version', async () => {
    await using stage = await TwoVersionsStage.on(name, users, { split });
    await stage.up();
    await stage.sql("INSERT INTO addresses VALUES (7, 's7', NULL)", "INSERT INTO users VALUES (7, 'g', NULL, NULL)");
    await stage.down();
    expect(await stage.sql('SELECT * FROM users WHERE id = 7')).toEqual([[7, 'g', 's7', null]]);
  });

  it('are recorded where the table that ends would not take what the new version writes, and corrected by a later write', async () => {
    await using stage = await TwoVersionsStage.on(name, [...users, ...profiles], { merge });
    await stage.up();
    await stage.sql(
      "UPDATE users__v1 SET avatar = 'av1' WHERE id = 2",
      "INSERT INTO users__v1 (id, name, avatar) VALUES (3, 'c', 'av3')",
      'UPDATE users__v1 SET bio = NULL WHERE id = 1',
    );
    expect(await stage.sql('SELECT * FROM profiles')).toEqual([[1, 'bio 1', 'av1']]);
    expect(await stage.problems()).toMatchObject([{ check: 'no_refused_writes', message: expect.stringMatching(/^3 rows /) }]);
    await expect(stage.down()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await stage.sql(
      "UPDATE users__v1 SET bio = 'b2', avatar = 'av2' WHERE id = 2",
      "UPDATE users__v1 SET bio = 'b3' WHERE id = 3",
      'UPDATE users__v1 SET avatar = NULL WHERE id = 1',
    );
    await stage.down();
    expect(await stage.sql('SELECT * FROM profiles ORDER BY user_id')).toEqual([
      [2, 'b2', 'av2'],
      [3, 'b3', 'av3'],
    ]);
  });

  it('of a user whom the new version refuses come with the user once that fits', async () => {
    await using stage = await TwoVersionsStage.on(name, [...users, ...profiles], {
      operations: [{ type: 'add_constraint', data: { name: 'n', constraint: { kind: 'not_null', field: 'name' } } }],
      merge,
    });
    await stage.up();
    await stage.sql('INSERT INTO users (id) VALUES (5)', "INSERT INTO profiles VALUES (5, 'b5', NULL)");
    expect(await stage.problems()).toMatchObject([{ check: 'no_refused_writes', message: expect.stringMatching(/^2 rows /) }]);
    await stage.sql("UPDATE users SET name = 'e' WHERE id = 5");
    expect(await stage.problems()).toEqual([]);
    expect(await stage.sql('SELECT id, name, bio FROM users__v1 WHERE id = 5')).toEqual([[5, 'e', 'b5']]);
  });

  it('are found by the proof where they went past the triggers', async () => {
    await using stage = await TwoVersionsStage.on(name, users, { split });
    await stage.up();
    await stage.sql('TRUNCATE TABLE addresses');
    expect(await stage.problems()).toMatchObject([
      { check: 'parts_equal', status: 'FAILED', message: expect.stringContaining('1 differ (id=1)') },
    ]);
    await expect(stage.finalize()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await stage.sql("UPDATE users SET street = 's' WHERE id = 1");
    expect(await stage.problems()).toEqual([]);
  });
});
