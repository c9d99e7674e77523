import { finalize, up, verify } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, testDatabase } from './harness.ts';

/** The same table in two schemas: one that gets two versions, and one that shows what one table would do. */
const setUp = (action: string): string =>
  ['public', 'twin']
    .map(
      (schema) => `CREATE SCHEMA IF NOT EXISTS ${schema};
CREATE TABLE ${schema}.users (id integer PRIMARY KEY, mail text UNIQUE, chief integer REFERENCES ${schema}.users ON DELETE ${action});
CREATE TABLE ${schema}.orders (user_id integer REFERENCES ${schema}.users ON DELETE ${action});`,
    )
    .join('\n');

const rows = ['public', 'twin']
  .map(
    (schema) => `DELETE FROM ${schema}.orders; DELETE FROM ${schema}.users;
INSERT INTO ${schema}.users SELECT g, 'm' || g, CASE WHEN g % 3 > 0 THEN nullif(g - 1, 0) END FROM generate_series(1, 12) AS g;
INSERT INTO ${schema}.orders VALUES (5), (9)`,
  )
  .join('; ');

const id = fc.integer({ min: 1, max: 16 });
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 6 });
/** Statements on a table U with an address M. */
const plain = fc.oneof(
  ids.chain((keys) =>
    fc
      .array(fc.option(id), { minLength: keys.length, maxLength: keys.length })
      .map(
        (chiefs) =>
          `INSERT INTO U (id, M, chief) VALUES ${keys.map((key, at) => `(${key}, 'm${key}', ${chiefs[at] ?? 'NULL'})`).join(', ')}`,
      ),
  ),
  ids.chain((keys) =>
    fc
      .array(id, { minLength: keys.length, maxLength: keys.length })
      .map(
        (chiefs) =>
          `INSERT INTO U (id, chief) VALUES ${keys.map((key, at) => `(${key}, ${chiefs[at]})`).join(', ')} ON CONFLICT (id) DO UPDATE SET chief = excluded.chief`,
      ),
  ),
  ids.map((keys) => `DELETE FROM U WHERE id IN (${keys})`),
  fc.tuple(id, id).map(([from, to]) => `DELETE FROM U WHERE id BETWEEN ${from} AND ${to}`),
  fc.constant('DELETE FROM U WHERE NOT EXISTS (SELECT FROM orders WHERE user_id = U.id)'),
  fc.tuple(id, id).map(([from, chief]) => `UPDATE U SET chief = ${chief} WHERE id BETWEEN ${from} AND ${from + 3}`),
  fc.tuple(id).map(([from]) => `UPDATE U SET chief = NULL, M = M || 'x' WHERE id >= ${from}`),
);
/** Rows that refer to others are written anew while these are deleted. Where deletes change further rows it is a matter of the order of triggers whether one table takes that. */
const anew = ids.map(
  (keys) =>
    `WITH gone AS (DELETE FROM U WHERE id IN (${keys}) RETURNING id, M, chief) INSERT INTO U (id, M, chief) SELECT id + 20, M, chief FROM gone`,
);
const writesOf = (statement: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(fc.constantFrom('public', 'public_0002'), statement), { minLength: 1, maxLength: 8 });

const operations = [
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'add_field', data: { field_name: 'extra', default_value: 7 } },
];
const state = (table: string, mail: string): string => `SELECT id, ${mail} AS mail, chief FROM ${table} ORDER BY id`;

describe('any writes to a table that refers to itself', () => {
  it.each([
    ['NO ACTION', fc.oneof({ weight: 7, arbitrary: plain }, anew)],
    ['RESTRICT', fc.oneof({ weight: 7, arbitrary: plain }, anew)],
    ['CASCADE', plain],
    ['SET NULL', plain],
  ] as const)('leave in both versions what one table would have, and fail as there: ON DELETE %s', async (action, statement) => {
    await using database = await testDatabase(setUp(action));
    const migrations = [migrationOf('0002', [{ type: 'online_change', collection: 'users', data: { operations } } as never])];
    const runner = { session: database.session, migrations };
    await up(runner);
    const run = async (schema: string, sql: string): Promise<string> => {
      const text = sql.replaceAll(/\bU\b/g, `${schema}.users`).replaceAll(/\bM\b/g, schema === 'public_0002' ? 'email' : 'mail');
      const orders = schema === 'twin' ? 'twin' : 'public';
      return await database.sql(`SET search_path = ${orders}; ${text}`).then(
        () => 'done',
        // Which of two rows a statement fails for is not told by one table either.
        (error: { code?: string }) => (error.code === '23001' ? '23503' : error.code!),
      );
    };
    await fc.assert(
      fc.asyncProperty(writesOf(statement), async (statements) => {
        await database.sql(rows);
        for (const [version, sql] of statements) {
          const told = JSON.stringify(statements);
          expect(await run(version, sql), `${version}: ${sql} of ${told}`).toBe(await run('twin', sql));
          const expected = await database.sql(state('twin.users', 'mail'));
          expect(await database.sql(state('public.users', 'mail')), told).toEqual(expected);
          expect(await database.sql(state('public_0002.users', 'email')), told).toEqual(expected);
        }
        expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes')).toEqual([]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(failed((await verify(runner)).checks)).toEqual([]);
    const left = await database.sql(state('twin.users', 'mail'));
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(await database.sql(state('public.users', 'email'))).toEqual(left);
  });
});
