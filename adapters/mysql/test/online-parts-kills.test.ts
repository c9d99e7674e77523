import { down, finalize, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { killedAt } from './killed-at.ts';
import { TwoVersionsStage } from './online-harness.ts';

const sql = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), street varchar(20))',
  'CREATE TABLE profiles (user_id int PRIMARY KEY, bio varchar(20), FOREIGN KEY (user_id) REFERENCES users (id))',
  "INSERT INTO users VALUES (1, 'a', 's1'), (2, 'b', NULL), (3, 'c', 's3')",
  "INSERT INTO profiles VALUES (1, 'b1'), (2, 'b2')",
];
const change = { split: [{ into: 'addresses', fields: ['street'] }], merge: [{ from: 'profiles' }], batch_size: 2 };
const merged = [
  [1, 'a', 'b1'],
  [2, 'b', 'b2'],
  [3, 'c', null],
];
const addresses = [
  [1, 's1'],
  [3, 's3'],
];

/** Where runs are killed on their way up, and on their way back once they are gone on with. */
const places = [
  ['part_created', undefined],
  ['part_added', 'trigger_dropped'],
  ['part_refused_created', undefined],
  ['trigger_created', 'part_dropped'],
  ['rows_copied', undefined],
  ['chunk_committed', 'new_version_dropped'],
  ['part_copied', 'refused_dropped'],
] as const;

/** The application of the old version writes to both of its tables: nothing may fail, whatever is there of the new version. */
const oldWrites = [
  "INSERT INTO users VALUES (50, 'w', 's50')",
  "INSERT INTO profiles VALUES (50, 'b50')",
  "UPDATE users SET street = 's51', name = NULL WHERE id = 50",
  "UPDATE profiles SET bio = 'b51' WHERE user_id = 50",
  'DELETE FROM profiles WHERE user_id = 50',
  'DELETE FROM users WHERE id = 50',
];
const newWrites = (table: string): string[] => [
  `INSERT INTO ${table} (id, name, bio) VALUES (60, 'n', 'b60')`,
  "INSERT INTO addresses VALUES (60, 's60')",
  `UPDATE ${table} SET bio = 'b61' WHERE id = 60`,
  "UPDATE addresses SET street = 's61' WHERE id = 60",
  'DELETE FROM addresses WHERE id = 60',
  `DELETE FROM ${table} WHERE id = 60`,
];

async function write(stage: TwoVersionsStage, writes: readonly string[], place: string | undefined): Promise<void> {
  for (const each of writes)
    await stage.sql(each).catch((error: unknown) => {
      throw new Error(`${each} failed after a kill at ${place}: ${String(error)}`);
    });
}

describe.each(servers)('an online change with a split and a merge that is killed on %s', { timeout: 300_000 }, (name) => {
  it('on its way up is gone on with, and the other way is taken back to the end', async () => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    const there = async (): Promise<unknown[][]> =>
      (await stage.sql('SHOW TABLES')).filter(([table]) => !String(table).startsWith('polyshift_'));
    for (const [place, backwards] of places) {
      const at = await killedAt(stage, place, (runner) => up(runner));
      expect(at).toBe(`online_change.${place}`);
      await write(stage, oldWrites, at);
      if (backwards !== undefined) {
        await stage.up();
        expect(await stage.problems(), at).toEqual([]);
        expect(await stage.sql('SELECT id, name, bio FROM users__v1 ORDER BY id'), at).toEqual(merged);
        expect(await stage.sql('SELECT * FROM addresses ORDER BY id'), at).toEqual(addresses);
        await write(stage, newWrites('users__v1'), at);
        const on = await killedAt(stage, backwards, (runner) => down(runner));
        expect(on).toBe(`online_change.${backwards}`);
        await write(stage, oldWrites, on);
      }
      await stage.down();
      expect(await there(), at).toEqual([['profiles'], ['users']]);
      expect(await stage.sql('SELECT * FROM users ORDER BY id'), at).toHaveLength(3);
      expect(await stage.sql('SHOW TRIGGERS'), at).toEqual([]);
    }
  });

  it.each(['carrying_back_ended', 'put_aside', 'put_in_place'])('in finalize at %s is brought to the end', async (place) => {
    await using stage = await TwoVersionsStage.on(name, sql, change);
    await stage.up();
    const at = await killedAt(stage, place, (runner) => finalize(runner, { version: '1', old_version_ended: true }));
    expect(at).toBe(`online_change.${place}`);
    const forms = await stage.sql("SHOW COLUMNS FROM users LIKE 'bio'");
    for (const table of forms.length > 0 ? ['users', 'users__v1'] : ['users__v1']) await write(stage, newWrites(table), at);
    await stage.finalize();
    for (const table of ['users', 'users__v1']) await write(stage, newWrites(table), at);
    expect(await stage.sql('SELECT id, name, bio FROM users ORDER BY id'), at).toEqual(merged);
    expect(await stage.sql('SELECT * FROM addresses ORDER BY id'), at).toEqual(addresses);
    expect(await stage.sql('SHOW TRIGGERS'), at).toEqual([]);
    for (const table of ['profiles', 'polyshift\\_online%', 'polyshift\\_aside%'])
      expect(await stage.sql(`SHOW TABLES LIKE '${table}'`), at).toEqual([]);
  });
});
