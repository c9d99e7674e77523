import { finalize, up, verify } from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, testDatabase } from './harness.ts';

describe('a table that refers to itself', () => {
  it.each(['public', 'public_0002'])(
    'loses in both versions what one statement deletes, rows that refer to each other too: %s',
    async (schema) => {
      await using database = await testDatabase(
        `CREATE TABLE users (id integer PRIMARY KEY, friend integer REFERENCES users ON DELETE SET NULL ON UPDATE CASCADE, chief integer REFERENCES users ON DELETE CASCADE);
       INSERT INTO users SELECT g, CASE WHEN g % 2 = 0 THEN g - 1 END, CASE WHEN g % 3 = 0 THEN g - 2 END FROM generate_series(1, 12) AS g`,
      );
      const operations = [{ type: 'add_field', data: { field_name: 'extra', default_value: 7 } }];
      const migrations = [migrationOf('0002', [{ type: 'online_change', collection: 'users', data: { operations } } as never])];
      const runner = { session: database.session, migrations };
      await up(runner);
      const rows = async () => ({
        public: await database.sql('SELECT id, friend, chief FROM public.users ORDER BY id'),
        public_0002: await database.sql('SELECT id, friend, chief FROM public_0002.users ORDER BY id'),
      });
      await database.sql(`DELETE FROM ${schema}.users WHERE id IN (5, 6, 9)`);
      const left = await rows();
      expect(left.public_0002).toEqual(left.public);
      expect(left.public.map(({ id }) => id)).toEqual([1, 2, 3, 4, 7, 8, 10, 11, 12]);
      await database.sql(`DELETE FROM ${schema}.users`);
      expect(await rows()).toEqual({ public: [], public_0002: [] });
      expect(failed((await verify(runner)).checks)).toEqual([]);
      expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes')).toEqual([]);
    },
  );

  describe.each(['NO ACTION', 'RESTRICT'])('ON DELETE %s', (action) => {
    const setUp = `
CREATE TABLE users (id integer PRIMARY KEY, mail text UNIQUE, chief integer REFERENCES users ON DELETE ${action});
CREATE TABLE orders (user_id integer REFERENCES users ON DELETE ${action});
INSERT INTO users SELECT g, 'm' || g, nullif(g - 1, 0) FROM generate_series(1, 12) AS g; INSERT INTO orders VALUES (12)`;
    const migrations = [
      migrationOf('0002', [
        {
          type: 'online_change',
          collection: 'users',
          data: {
            operations: [
              { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
              { type: 'add_field', data: { field_name: 'extra', default_value: 7 } },
            ],
          },
        } as never,
      ]),
    ];
    const differing = `(SELECT id, mail, chief FROM public.users EXCEPT SELECT id, email, chief FROM public_0002.users)
      UNION ALL (SELECT id, email, chief FROM public_0002.users EXCEPT SELECT id, mail, chief FROM public.users)`;

    it.each([
      ['public', 'mail'],
      ['public_0002', 'email'],
    ])('takes what one statement writes to rows that refer to each other, in any order: %s', async (schema, mail) => {
      await using database = await testDatabase(setUp);
      const runner = { session: database.session, migrations };
      await up(runner);
      const users = `${schema}.users`;
      for (const write of [
        `INSERT INTO ${users} (id, ${mail}, chief) VALUES (22, 'm22', 21), (21, 'm21', 20), (20, 'm20', 12), (23, 'm23', 22)`,
        `UPDATE ${users} SET chief = NULL WHERE id IN (9, 12)`,
        // Those of higher ranks first.
        `DELETE FROM ${users} WHERE id BETWEEN 4 AND 8`,
        `WITH gone AS (DELETE FROM ${users} WHERE id BETWEEN 9 AND 11 RETURNING id, ${mail})
         INSERT INTO ${users} (id, ${mail}, chief) SELECT id + 30, ${mail}, nullif(id + 29, 38) FROM gone ORDER BY id DESC`,
        `INSERT INTO ${users} (id, chief) VALUES (51, 50), (50, 3); UPDATE ${users} SET chief = 50, ${mail} = 'x' WHERE id = 12`,
      ]) {
        await database.sql(write);
        expect(await database.sql(differing), write).toEqual([]);
        expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes'), write).toEqual([]);
      }
      expect((await database.sql('SELECT id FROM public.users ORDER BY id')).map(({ id }) => id)).toEqual([
        1, 2, 3, 12, 20, 21, 22, 23, 39, 40, 41, 50, 51,
      ]);
      // What refers to a row keeps it, as with one table.
      for (const id of [12, 50])
        await expect(database.sql(`DELETE FROM ${users} WHERE id IN (${id}, 23)`)).rejects.toMatchObject({
          code: expect.stringMatching(/^23(503|001)$/),
          constraint: expect.stringMatching(/_(user_id|chief)_fkey$/),
        });
      expect(await database.sql(differing)).toEqual([]);
      expect(failed((await verify(runner)).checks)).toEqual([]);
      await finalize(runner, { version: '0002', old_version_ended: true });
      expect(await database.sql('SELECT count(*)::int AS n FROM users')).toEqual([{ n: 13 }]);
    });

    it('takes what had to wait in any order', async () => {
      await using database = await testDatabase(setUp);
      const runner = { session: database.session, migrations };
      await up(runner);
      const other = new Client({ connectionString: database.url });
      await other.connect();
      await other.query('BEGIN; SELECT FROM public.users WHERE id BETWEEN 4 AND 11 FOR UPDATE');
      await database.sql(
        'UPDATE public_0002.users SET chief = NULL WHERE id = 12; DELETE FROM public_0002.users WHERE id BETWEEN 4 AND 11',
      );
      expect(await database.sql('SELECT DISTINCT operation, refused FROM polyshift_aside_0002_0.unsettled_writes')).toEqual([
        { operation: 'DELETE', refused: false },
      ]);
      await other.query('COMMIT');
      await other.end();
      await finalize(runner, { version: '0002', old_version_ended: true });
      expect((await database.sql('SELECT id FROM users ORDER BY id')).map(({ id }) => id)).toEqual([1, 2, 3, 12]);
    });
  });
});
