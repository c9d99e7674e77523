import { down, finalize, isPolyshiftError, type Migration, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { asideObjects, failed, migrationOf, type TestDatabase, testDatabase } from './harness.ts';
import { killedAt } from './killed-at.ts';

const setUp = `
CREATE TABLE users (id integer PRIMARY KEY, mail text, street text);
INSERT INTO users SELECT g, 'u' || g, CASE WHEN g % 2 = 0 THEN 's' || g END FROM generate_series(1, 90) AS g;
CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users ON DELETE CASCADE, bio text);
INSERT INTO profiles SELECT g, 'b' || g FROM generate_series(1, 90, 3) AS g`;

const migration = (version: string): Migration =>
  migrationOf(version, [
    {
      type: 'online_change',
      collection: 'users',
      data: { split: [{ into: 'addresses', fields: ['street'], key: ['user_id'] }], merge: [{ from: 'profiles' }] },
      batch_size: 50,
    } as never,
  ]);

async function prints(database: TestDatabase): Promise<unknown> {
  return [await database.session.fingerprint('users'), await database.session.fingerprint('profiles')];
}

/** On the way up; what is killed after an odd one is taken back. */
const places = ['copied', 'built', 'chunk_copied', 'connected', 'part_chunk_copied', 'part_chunk_copied', 'filled', 'filled'];

/** The old version is in use all the time, and ends as it was. */
const writes = `UPDATE users SET street = 'x' WHERE id = 80; UPDATE users SET street = 's80' WHERE id = 80;
UPDATE profiles SET bio = 'x' WHERE user_id = 88; UPDATE profiles SET bio = 'b88' WHERE user_id = 88;
INSERT INTO users VALUES (900, 'm', 's'); INSERT INTO profiles VALUES (900, 'b'); DELETE FROM users WHERE id = 900`;

describe('a split and a merge that are killed', () => {
  it('on their way up are resumed or taken back, and never finalized before', async () => {
    await using database = await testDatabase(setUp);
    const { session } = database;
    const before = await prints(database);
    const migrations = [migration('0002')];
    for (const [index, place] of places.entries()) {
      const at = await killedAt(`online_change.${place}`, { session, migrations }, (options) => up(options));
      expect(at).toBe(`online_change.${place}`);
      if (at === 'online_change.part_chunk_copied') {
        const refused = await finalize({ session, migrations }, { version: '0002', old_version_ended: true }).catch(
          (error: unknown) => error,
        );
        expect(isPolyshiftError(refused, 'UNFINISHED_RUN')).toBe(true);
      }
      await database.sql(writes);
      if (index % 2 === 0) {
        await up({ session, migrations });
        expect(failed((await verify({ session, migrations })).checks), at).toEqual([]);
        expect(await database.sql('SELECT count(*)::int AS n FROM addresses')).toEqual([{ n: 45 }]);
        expect(await database.sql('SELECT count(bio)::int AS n FROM public_0002.users')).toEqual([{ n: 30 }]);
      }
      await down({ session, migrations });
      expect(await prints(database), at).toEqual(before);
      expect(await database.sql(`SELECT to_regclass('addresses') AS there`), at).toEqual([{ there: null }]);
      expect(await asideObjects(database), at).toEqual([]);
    }
  }, 120_000);

  it.each(['online_change.swap', 'online_change.swapped', 'finalize.contracted'])(
    'in finalize at %s are finished by the next one',
    async (place) => {
      await using database = await testDatabase(setUp);
      const { session } = database;
      const migrations = [migration('0002')];
      await up({ session, migrations });
      await database.sql(`UPDATE users SET street = 'old' WHERE id = 5; UPDATE profiles SET bio = 'old' WHERE user_id = 4`);
      await database.sql(`UPDATE public_0002.users SET bio = 'new' WHERE id = 6; INSERT INTO addresses VALUES (7, 'new')`);
      const state = `SELECT id, mail, bio, street FROM public_0002.users LEFT JOIN addresses ON user_id = id ORDER BY id`;
      const rows = await database.sql(state);
      const ended = { version: '0002', old_version_ended: true };
      expect(await killedAt(place, { session, migrations }, (options) => finalize(options, ended))).toBe(place);
      await finalize({ session, migrations }, ended);
      expect(await database.sql(state.replace('public_0002', 'public'))).toEqual(rows);
      expect(await database.sql(`SELECT to_regclass('profiles') AS there`)).toEqual([{ there: null }]);
      expect(await asideObjects(database)).toEqual([]);
    },
  );

  it('on their way back go on with it', async () => {
    await using database = await testDatabase(setUp);
    const { session } = database;
    const before = await prints(database);
    const migrations = [migration('0002')];
    for (const place of [1, 3]) {
      await up({ session, migrations });
      expect(await killedAt(place, { session, migrations }, (options) => down(options))).toBeDefined();
      await down({ session, migrations }, { to: '0' });
      expect(await prints(database), String(place)).toEqual(before);
      expect(await asideObjects(database), String(place)).toEqual([]);
    }
  });
});
