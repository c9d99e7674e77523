import { up, verify } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, testDatabase } from './harness.ts';

const setUp = `CREATE TABLE things (id integer PRIMARY KEY, a text, n integer, u integer);
INSERT INTO things SELECT g, 'a' || g, g, g FROM generate_series(1, 12) AS g`;

const operations = [
  { type: 'rename_field', data: { old_name: 'a', new_name: 'b' } },
  { type: 'change_type', data: { field_name: 'n', to: 'int64' } },
  { type: 'add_constraint', data: { name: 'n_limit', constraint: { kind: 'check', expression: 'n >= 0' } } },
  { type: 'add_constraint', data: { name: 'u_unique', constraint: { kind: 'unique', fields: ['u'] } } },
  { type: 'add_field', data: { field_name: 'extra', default_value: 7 } },
];

const id = fc.integer({ min: 1, max: 12 });
/** Below zero the new version refuses it, beyond 32 bits the old one. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1000 }) },
  { weight: 1, arbitrary: fc.constant(-1) },
  { weight: 1, arbitrary: fc.constant(3_000_000_000) },
);
const side = fc.constantFrom('old', 'new');
const write = fc.oneof(
  fc
    .tuple(side, id, number, id)
    .map(([at, key, n, u]) => sql(at, `INSERT INTO T (id, A, n, u) VALUES (${key}, 'i', ${n}, ${u})`)),
  fc.tuple(side, id, number).map(([at, key, n]) => sql(at, `UPDATE T SET n = ${n} WHERE id = ${key}`)),
  fc.tuple(side, id, id).map(([at, key, u]) => sql(at, `UPDATE T SET u = ${u}, A = A || 'x' WHERE id = ${key}`)),
  fc.tuple(side, id, id).map(([at, from, to]) => sql(at, `UPDATE T SET id = ${to} WHERE id = ${from}`)),
  fc.tuple(side, id).map(([at, key]) => sql(at, `DELETE FROM T WHERE id = ${key}`)),
  fc.tuple(side, id).map(([at, key]) => sql(at, `UPDATE T SET A = 'all', n = 1 WHERE id > ${key}`)),
);

function sql(at: string, text: string): string {
  return text
    .replaceAll(/\bT\b/g, at === 'old' ? 'public.things' : 'public_0002.things')
    .replaceAll(/\bA\b/g, at === 'old' ? 'a' : 'b');
}

describe('any writes of both versions', () => {
  it('leave what each of them has written, equal but for what is told as refused; corrected, they are equal', async () => {
    await using database = await testDatabase(setUp);
    const migrations = [migrationOf('0002', [{ type: 'online_change', collection: 'things', data: { operations } } as never])];
    const runner = { session: database.session, migrations };
    await up(runner);
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
        for (const each of writes) {
          // Only what breaks a rule of the writer's own table may fail.
          await database.sql(each).catch((error: { code?: string; table?: string; schema?: string }) => {
            expect(['23505', '23514', '22003'], each).toContain(error.code);
            if (error.code !== '22003') expect(error.schema, each).toBe(each.includes('public_0002') ? 'public_0002' : 'public');
          });
        }
        expect(failed((await verify(runner)).checks), writes.join('; ')).toEqual([]);
        // Whatever is refused is corrected where it was written, or deleted there.
        for (let turn = 0; turn < 3; turn++) {
          for (const { side: at, key } of await database.sql(
            'SELECT side, key[1] AS key FROM polyshift_aside_0002_0.unsettled_writes',
          )) {
            const place = at === 'old' ? 'public.things' : 'public_0002.things';
            await database.sql(`UPDATE ${place} SET n = 5, u = NULL WHERE id = ${key}`);
          }
        }
        for (const { side: at, key } of await database.sql(
          'SELECT side, key[1] AS key FROM polyshift_aside_0002_0.unsettled_writes',
        ))
          await database.sql(`DELETE FROM ${at === 'old' ? 'public.things' : 'public_0002.things'} WHERE id = ${key}`);
        for (const { side: at, key } of await database.sql(
          'SELECT side, key[1] AS key FROM polyshift_aside_0002_0.unsettled_writes',
        ))
          await database.sql(`SELECT polyshift_aside_0002_0.settle_${at}(ARRAY['${key}'], false)`);
        expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes'), writes.join('; ')).toEqual([]);
        expect(
          await database.sql(`(SELECT id, a, n::bigint, u FROM things EXCEPT SELECT id, b, n, u FROM public_0002.things)
            UNION ALL (SELECT id, b, n, u FROM public_0002.things EXCEPT SELECT id, a, n::bigint, u FROM things)`),
          writes.join('; '),
        ).toEqual([]);
        await database.sql(`TRUNCATE things; INSERT INTO things SELECT g, 'a' || g, g, g FROM generate_series(1, 12) AS g`);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
    );
  });
});
