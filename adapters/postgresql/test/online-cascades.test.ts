import { up, verify } from '@polyshift/core';
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
});
