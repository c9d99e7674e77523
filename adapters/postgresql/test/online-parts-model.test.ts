import { down, up, verify } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, testDatabase } from './harness.ts';

const fill = `INSERT INTO users SELECT g, 'u' || g, CASE WHEN g % 3 > 0 THEN 's' || g END, CASE WHEN g % 3 = 1 THEN 'c' || g END FROM generate_series(1, 8) AS g;
INSERT INTO profiles SELECT g, CASE WHEN g % 4 > 0 THEN 'b' || g END, g FROM generate_series(1, 8, 2) AS g`;
const setUp = (actions: string): string => `
CREATE TABLE users (id integer PRIMARY KEY, mail text, street text, city text);
CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users ${actions}, bio text, score integer); ${fill}`;

const id = fc.integer({ min: 1, max: 12 });
const text = fc.constantFrom('NULL', 'NULL', `'x'`, `'y'`);
const number = fc.constantFrom('NULL', '1', '2');
const write = fc.oneof(
  // The old version.
  fc.tuple(id, text, text).map(([key, street, city]) => `INSERT INTO public.users VALUES (${key}, 'o', ${street}, ${city})`),
  fc.tuple(id, text).map(([key, street]) => `UPDATE public.users SET street = ${street} WHERE id = ${key}`),
  fc.tuple(id, text).map(([key, city]) => `UPDATE public.users SET city = ${city}, mail = mail || 'o' WHERE id >= ${key}`),
  fc.tuple(id, id, text).map(([from, to, city]) => `UPDATE public.users SET id = ${to}, city = ${city} WHERE id = ${from}`),
  fc.tuple(id).map(([key]) => `DELETE FROM public.users WHERE id = ${key}`),
  fc.tuple(id, text, number).map(([key, bio, score]) => `INSERT INTO profiles VALUES (${key}, ${bio}, ${score})`),
  fc.tuple(id, text).map(([key, bio]) => `UPDATE profiles SET bio = ${bio} WHERE user_id = ${key}`),
  fc.tuple(id, number).map(([key, score]) => `UPDATE profiles SET score = ${score} WHERE user_id >= ${key}`),
  fc.tuple(id, id).map(([from, to]) => `UPDATE profiles SET user_id = ${to} WHERE user_id = ${from}`),
  fc.tuple(id).map(([key]) => `DELETE FROM profiles WHERE user_id = ${key}`),
  fc
    .tuple(id)
    .map(([key]) => `BEGIN; DELETE FROM profiles WHERE user_id = ${key}; DELETE FROM public.users WHERE id = ${key}; COMMIT`),
  // The new one.
  fc.tuple(id, text, number).map(([key, bio, score]) => `INSERT INTO public_0002.users VALUES (${key}, 'n', ${bio}, ${score})`),
  fc.tuple(id, text).map(([key, bio]) => `UPDATE public_0002.users SET bio = ${bio} WHERE id = ${key}`),
  fc
    .tuple(id, number)
    .map(([key, score]) => `UPDATE public_0002.users SET score = ${score}, email = email || 'n' WHERE id >= ${key}`),
  fc.tuple(id, id, text).map(([from, to, bio]) => `UPDATE public_0002.users SET id = ${to}, bio = ${bio} WHERE id = ${from}`),
  fc.tuple(id).map(([key]) => `DELETE FROM public_0002.users WHERE id = ${key}`),
  fc.tuple(id, text, text).map(([key, street, city]) => `INSERT INTO addresses VALUES (${key}, ${street}, ${city})`),
  fc.tuple(id, text).map(([key, street]) => `UPDATE addresses SET street = ${street} WHERE user_id = ${key}`),
  fc.tuple(id, text).map(([key, city]) => `UPDATE addresses SET city = ${city} WHERE user_id >= ${key}`),
  fc.tuple(id, id).map(([from, to]) => `UPDATE addresses SET user_id = ${to} WHERE user_id = ${from}`),
  fc.tuple(id).map(([key]) => `DELETE FROM addresses WHERE user_id = ${key}`),
  fc.constantFrom('TRUNCATE addresses', 'TRUNCATE profiles', 'TRUNCATE public.users, profiles'),
  // Both.
  fc
    .tuple(id, text)
    .map(
      ([key, street]) =>
        `BEGIN; UPDATE addresses SET street = ${street} WHERE user_id = ${key}; UPDATE public.users SET city = ${street} WHERE id = ${key}; COMMIT`,
    ),
  fc
    .tuple(id, text)
    .map(
      ([key, bio]) =>
        `BEGIN; UPDATE profiles SET bio = ${bio}; UPDATE public_0002.users SET score = 3 WHERE id <= ${key}; ROLLBACK`,
    ),
);

/** The versions as one, each by what stands in its own tables. */
const versions = [
  `SELECT u.id, mail, street, city, bio, score FROM public.users u LEFT JOIN profiles p ON user_id = id`,
  `SELECT u.id, email, street, city, bio, score FROM public_0002.users u LEFT JOIN addresses a ON user_id = id`,
];

describe('any writes to any table of both versions', () => {
  it.each([
    ['what refers to a row goes and moves with it', 'ON DELETE CASCADE ON UPDATE CASCADE'],
    ['what refers to a row keeps it', 'ON DELETE RESTRICT'],
    ['transactions are checked at their end', 'DEFERRABLE INITIALLY DEFERRED'],
  ])(
    'leave both equal, but for addresses without a user: %s',
    async (_name, actions) => {
      await using database = await testDatabase(setUp(actions));
      const data = {
        operations: [{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }],
        split: [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }],
        merge: [{ from: 'profiles' }],
      };
      const runner = {
        session: database.session,
        migrations: [migrationOf('0002', [{ type: 'online_change', collection: 'users', data } as never])],
      };
      await up(runner);
      await fc.assert(
        fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
          const done: string[] = [];
          for (const each of writes) {
            done.push(each);
            // Only what breaks a rule of the writer's own tables may fail.
            await database.sql(each).catch(async (error: { code?: string; table?: string; schema?: string }) => {
              expect(['23505', '23503', '23001'], `${done.join('; ')}: ${error}`).toContain(error.code);
              const own =
                each.includes('public_0002') || each.includes('addresses')
                  ? ['public_0002.users', 'public.addresses']
                  : ['public.users', 'public.profiles'];
              expect(own, done.join('; ')).toContain(`${error.schema}.${error.table}`);
              await database.sql('ROLLBACK');
            });
            expect(
              await database.sql(`(${versions.join(') EXCEPT (')}) UNION ALL ((${[...versions].reverse().join(') EXCEPT (')}))`),
              done.join('; '),
            ).toEqual([]);
          }
          expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes'), done.join('; ')).toEqual([]);
          // Addresses without a user, and no others, are told.
          expect(
            await database.sql(`SELECT side, key[1]::int AS id FROM polyshift_aside_0002_0.unsettled_parts ORDER BY 1, 2`),
            done.join('; '),
          ).toEqual(
            await database.sql(
              `SELECT 'part' AS side, user_id AS id FROM addresses WHERE user_id NOT IN (SELECT id FROM public.users) ORDER BY 2`,
            ),
          );
          expect(failed((await verify(runner)).checks), done.join('; ')).toEqual([]);
          await database.sql(`DELETE FROM profiles; DELETE FROM users; DELETE FROM addresses; ${fill}`);
        }),
        { numRuns: 12 },
      );
      const before = await database.sql(`${versions[0]} ORDER BY id`);
      await down(runner);
      expect(await database.sql(`${versions[0]} ORDER BY id`)).toEqual(before);
    },
    180_000,
  );
});
