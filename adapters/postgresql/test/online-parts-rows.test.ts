import { randomUUID } from 'node:crypto';
import { down, finalize, up, verify } from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { asideObjects, failed, migrationOf, type TestDatabase, testDatabase } from './harness.ts';

const setUp = `
CREATE TABLE users (id integer PRIMARY KEY, mail text, street text, city text);
INSERT INTO users SELECT g, 'u' || g, 's', 'c' FROM generate_series(1, 50) AS g;
CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users, bio text, likes integer);
INSERT INTO profiles SELECT g, 'b', 0 FROM generate_series(1, 50) AS g`;
const parts = { split: [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }], merge: [{ from: 'profiles' }] };

function runnerOf(database: TestDatabase, data: object = parts, collection = 'users') {
  return {
    session: database.session,
    migrations: [migrationOf('0002', [{ type: 'online_change', collection, data, batch_size: 20 } as never])],
  };
}

async function another(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const left = 'SELECT part, side, key, fields, refused FROM polyshift_aside_0002_0.unsettled_parts ORDER BY part, side, key';
const versions = [
  'SELECT u.id, mail, street, city, bio, likes FROM users u LEFT JOIN profiles p ON user_id = id',
  'SELECT u.id, mail, street, city, bio, likes FROM public_0002.users u LEFT JOIN addresses a ON user_id = id',
];
const differing = `(${versions.join(' EXCEPT ')}) UNION ALL (${[...versions].reverse().join(' EXCEPT ')})`;

describe('a row that somebody holds', () => {
  it('keeps nobody waiting who writes its part: what each has changed arrives', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    await up(runner);
    const other = await another(database);
    await other.query(`BEGIN; UPDATE users SET mail = 'held' WHERE id IN (1, 2, 3)`);
    await database.sql(`UPDATE addresses SET street = 'new' WHERE user_id IN (1, 2); DELETE FROM addresses WHERE user_id = 3`);
    expect(await database.sql(left)).toEqual([
      { part: 0, side: 'part', key: ['1'], fields: ['street'], refused: false },
      { part: 0, side: 'part', key: ['2'], fields: ['street'], refused: false },
      { part: 0, side: 'part', key: ['3'], fields: expect.arrayContaining(['city', 'street']), refused: false },
    ]);
    await other.query(
      `UPDATE users SET city = 'old' WHERE id = 1; UPDATE users SET street = NULL, city = NULL WHERE id = 2; COMMIT`,
    );
    expect(failed((await verify(runner)).checks)).toEqual([]);
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(await database.sql('SELECT * FROM addresses WHERE user_id < 5 ORDER BY 1')).toEqual([
      { user_id: 1, street: 'new', city: 'old' },
      { user_id: 4, street: 's', city: 'c' },
    ]);
    await other.end();
  });

  it('never keeps two waiting for each other', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    await up(runner);
    const [old, fresh] = [await another(database), await another(database)];
    await fresh.query(`BEGIN; UPDATE public_0002.users SET mail = 'n' WHERE id = 1`);
    await old.query(`BEGIN; UPDATE profiles SET bio = 'o' WHERE user_id = 1`);
    const carried = fresh.query(`UPDATE public_0002.users SET likes = 5 WHERE id = 1`);
    const written = old.query(`UPDATE users SET street = 'o' WHERE id = 1`);
    await carried;
    await fresh.query('COMMIT');
    await written;
    await old.query('COMMIT');
    expect(await database.sql(left)).toEqual([
      { part: 1, side: 'hub', key: ['1'], fields: ['likes'], refused: false },
      { part: 1, side: 'part', key: ['1'], fields: ['bio'], refused: false },
    ]);
    await down(runner);
    expect(await database.sql('SELECT mail, street, bio, likes FROM users JOIN profiles ON user_id = id WHERE id = 1')).toEqual([
      { mail: 'n', street: 'o', bio: 'o', likes: 5 },
    ]);
    await Promise.all([old.end(), fresh.end()]);
  });

  it('and that a transaction at a stricter isolation cannot see yet, is brought over later', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    const writer = await another(database);
    await writer.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class');
    await up(runner);
    await writer.query(
      `UPDATE users SET street = 'rr' WHERE id = 1; UPDATE profiles SET bio = 'rr' WHERE user_id = 2; DELETE FROM profiles WHERE user_id IN (3, 4); DELETE FROM users WHERE id = 4; UPDATE users SET street = NULL, city = NULL WHERE id = 5; COMMIT`,
    );
    await writer.end();
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(
      await database.sql('SELECT id, street, bio FROM users LEFT JOIN addresses ON user_id = id WHERE id < 6 ORDER BY 1'),
    ).toEqual([
      { id: 1, street: 'rr', bio: 'b' },
      { id: 2, street: 's', bio: 'rr' },
      { id: 3, street: 's', bio: null },
      { id: 5, street: null, bio: 'b' },
    ]);
  });

  it('while rows are copied is brought over later', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    const holder = await another(database);
    let held = false;
    let waiting: unknown;
    await up({
      ...runner,
      fault: async (place: string) => {
        if (place === 'online_change.part_chunk_copied' && !held) {
          held = true;
          await holder.query(
            `BEGIN; UPDATE users SET mail = 'held' WHERE id = 30; UPDATE profiles SET likes = 7 WHERE user_id = 40`,
          );
        }
        if (place !== 'online_change.filled') return;
        waiting = await database.sql(left);
        await holder.query('COMMIT');
      },
    });
    await holder.end();
    expect(waiting).toEqual([
      { part: 0, side: 'hub', key: ['30'], fields: ['street', 'city'], refused: false },
      { part: 1, side: 'part', key: ['30'], fields: ['bio', 'likes'], refused: false },
      { part: 1, side: 'part', key: ['40'], fields: ['bio', 'likes'], refused: false },
    ]);
    expect(failed((await verify(runner)).checks)).toEqual([]);
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(
      await database.sql(
        'SELECT id, street, city, bio, likes FROM users LEFT JOIN addresses ON user_id = id WHERE id IN (30, 40) ORDER BY 1',
      ),
    ).toEqual([
      { id: 30, street: 's', city: 'c', bio: 'b', likes: 0 },
      { id: 40, street: 's', city: 'c', bio: 'b', likes: 7 },
    ]);
  });
});

describe('a write that the other version refuses', () => {
  it('fails nobody, is told, and stands in the way until it is corrected', async () => {
    await using database = await testDatabase(
      setUp,
      `ALTER TABLE users ADD CONSTRAINT short CHECK (length(street) < 10); ALTER TABLE profiles ADD CONSTRAINT few CHECK (likes < 10), ALTER COLUMN bio SET NOT NULL`,
    );
    const runner = runnerOf(database);
    await up(runner);
    await database.sql(`UPDATE addresses SET street = 'a very long street', city = 'n' WHERE user_id = 1; UPDATE public_0002.users SET likes = 11 WHERE id = 2;
      UPDATE public_0002.users SET bio = NULL WHERE id = 3`);
    expect(await database.sql(left)).toMatchObject([
      { part: 0, side: 'part', key: ['1'], refused: true },
      { part: 1, side: 'hub', key: ['2'], refused: true },
      { part: 1, side: 'hub', key: ['3'], refused: true },
    ]);
    const check = (await verify(runner)).checks.find((each) => each.check === 'refused_part_writes');
    expect(check).toMatchObject({ status: 'WARNING', message: expect.stringContaining('short') });
    await expect(finalize(runner, { version: '0002', old_version_ended: true })).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await database.sql(
      `UPDATE addresses SET street = 'short' WHERE user_id = 1; UPDATE public_0002.users SET likes = 9 WHERE id = 2; UPDATE public_0002.users SET bio = '' WHERE id = 3`,
    );
    expect(await database.sql(left)).toEqual([]);
    expect(await database.sql(differing)).toEqual([]);
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(failed((await verify(runner)).checks)).toEqual([]);
  });

  it('is no refusal where its row waits for the exchange of the versions, and arrives with it', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    await up(runner);
    const [reader, writer] = [await another(database), await another(database)];
    await reader.query('BEGIN; SELECT FROM public.users');
    const finalized = finalize(runner, { version: '0002', old_version_ended: true });
    const ids = Array.from({ length: 25 }, (_, index) => 1000 + index);
    for (const id of ids) {
      await writer.query(
        `BEGIN; INSERT INTO public_0002.users (id, mail, bio) VALUES (${id}, 'n', 'nb'); INSERT INTO addresses VALUES (${id}, 'ns', 'nc'); COMMIT`,
      );
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await reader.query('ROLLBACK');
    await finalized;
    await Promise.all([reader.end(), writer.end()]);
    expect(
      await database.sql(
        'SELECT id, bio, street, city FROM users LEFT JOIN addresses ON user_id = id WHERE id >= 1000 ORDER BY 1',
      ),
    ).toEqual(ids.map((id) => ({ id, bio: 'nb', street: 'ns', city: 'nc' })));
    expect(await asideObjects(database)).toEqual([]);
  });
});

describe('TRUNCATE', () => {
  it('of either version empties what belongs to it', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    await up(runner);
    await database.sql('TRUNCATE users, profiles');
    expect(await database.sql('SELECT 1 FROM addresses UNION ALL SELECT 1 FROM public_0002.users')).toEqual([]);
    await database.sql(
      `INSERT INTO public_0002.users (id, mail, bio) VALUES (1, 'm', 'b'); INSERT INTO addresses VALUES (1, 's', 'c')`,
    );
    await expect(database.sql('TRUNCATE public_0002.users')).rejects.toMatchObject({ code: '0A000' });
    await database.sql('TRUNCATE addresses');
    expect(await database.sql('SELECT id, mail, street, city, bio FROM users JOIN profiles ON user_id = id')).toEqual([
      { id: 1, mail: 'm', street: null, city: null, bio: 'b' },
    ]);
    expect(failed((await verify(runner)).checks)).toEqual([]);
  });

  it('of the new version reaches what is split off', async () => {
    await using database = await testDatabase(setUp);
    await database.sql('DROP TABLE profiles');
    const runner = runnerOf(database, { split: parts.split });
    await up(runner);
    await database.sql('TRUNCATE public_0002.users');
    expect(await database.sql('SELECT 1 FROM addresses UNION ALL SELECT 1 FROM users')).toEqual([]);
    await database.sql(`INSERT INTO users VALUES (1, 'm', 's'); TRUNCATE public_0002.users, addresses`);
    expect(await database.sql('SELECT 1 FROM addresses UNION ALL SELECT 1 FROM users')).toEqual([]);
    expect(failed((await verify(runner)).checks)).toEqual([]);
  });
});

describe('keys and fields of any kind', () => {
  it('of several fields, with other names, of types without an order, in another schema', async () => {
    await using database = await testDatabase(
      `CREATE EXTENSION citext; CREATE SCHEMA shop; CREATE TYPE shop.place AS (x integer, y integer);
       CREATE TABLE shop."U""s" (a citext, "b ""c" uuid, "Straße" json, p point, s shop.place, n text, PRIMARY KEY ("b ""c", a));
       CREATE TABLE shop.extra ("k'1" uuid, k2 citext, x xml, "de;f" text[], UNIQUE (k2, "k'1"), FOREIGN KEY (k2, "k'1") REFERENCES shop."U""s" (a, "b ""c") ON UPDATE CASCADE);
       ALTER TABLE shop.extra ALTER k2 SET NOT NULL, ALTER "k'1" SET NOT NULL;
       INSERT INTO shop."U""s" SELECT 'K' || g, md5(g::text)::uuid, '{"a": 1}', point(g, g), ROW(g, NULL)::shop.place, 'n' FROM generate_series(1, 60) AS g;
       INSERT INTO shop.extra SELECT md5(g::text)::uuid, 'K' || g, '<a/>', ARRAY['x', NULL] FROM generate_series(1, 60) AS g`,
    );
    const data = {
      operations: [{ type: 'rename_field', data: { old_name: 'a', new_name: 'A' } }],
      split: [{ into: 'the parts', fields: ['Straße', 'p', 's'], key: ['key 1', 'key 2'] }],
      merge: [{ from: 'shop.extra', key: ["k'1", 'k2'] }],
    };
    const runner = runnerOf(database, data, 'shop.U"s');
    await up(runner);
    expect(await database.sql('SELECT count(*)::int AS n FROM shop."the parts"')).toEqual([{ n: 60 }]);
    await database.sql(`UPDATE shop."U""s" SET p = NULL, "Straße" = '[]' WHERE a = 'k1'; UPDATE shop."the parts" SET s = ROW(0, 0), p = point(1, 2) WHERE "key 2" = 'k2';
      UPDATE shop_0002."U""s" SET x = '<b/>' WHERE "A" = 'k3'; UPDATE shop.extra SET "de;f" = NULL WHERE k2 = 'k4'; UPDATE shop."U""s" SET a = 'K5x' WHERE a = 'k5';
      DELETE FROM shop_0002."U""s" WHERE "A" = 'K6'`);
    expect(failed((await verify(runner)).checks)).toEqual([]);
    expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_parts')).toEqual([]);
    expect(await database.sql(`SELECT "Straße", p::text, s::text FROM shop."U""s" WHERE a IN ('k1', 'k2') ORDER BY a`)).toEqual([
      { Straße: [], p: null, s: '(1,)' },
      { Straße: { a: 1 }, p: '(1,2)', s: '(0,0)' },
    ]);
    expect(
      await database.sql(`SELECT k2, x::text, "de;f" FROM shop.extra WHERE k2 IN ('k3', 'k4', 'k5x', 'k6') ORDER BY 1`),
    ).toEqual([
      { k2: 'K3', x: '<b/>', 'de;f': ['x', null] },
      { k2: 'K4', x: '<a/>', 'de;f': null },
      { k2: 'K5x', x: '<a/>', 'de;f': ['x', null] },
    ]);
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(await database.sql(`SELECT count(x)::int AS n FROM shop."U""s"`)).toEqual([{ n: 59 }]);
    expect(await asideObjects(database)).toEqual([]);
  });

  it('are written by who has rights to the tables of one version alone', async () => {
    await using database = await testDatabase(setUp);
    const role = `app_${randomUUID().replaceAll('-', '')}`;
    await database.sql(`CREATE ROLE ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON users TO ${role}`);
    try {
      await up(runnerOf(database));
      await database.sql(`SET ROLE ${role}; INSERT INTO users VALUES (100, 'a', 's'); UPDATE users SET street = 'x' WHERE id = 3; SET search_path = public_0002, public;
        INSERT INTO users (id, bio) VALUES (101, 'b'); INSERT INTO addresses VALUES (101, 'x'); UPDATE users SET bio = 'y' WHERE id = 4; RESET ROLE; RESET search_path`);
      expect(await database.sql(differing)).toEqual([]);
    } finally {
      await database.sql(`RESET ROLE; RESET search_path; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
