import { describe, expect, it } from 'vitest';
import { planEtl, rollbackEtl, runEtl } from '../src/index.ts';
import { type Checks, orders, totalOf } from './orders.ts';
import { brokenAt, dependencies, failureOf } from './two-stores.ts';

const { stores, spec, bills, collections } = orders();
type Before = NonNullable<Checks['before']>[number];

describe('checks before a load', () => {
  const cases: [string, Before, string | undefined][] = [
    ['nulls', { check: 'null_values', collection: 'orders', fields: ['person'] }, '1 rows of orders have no person'],
    ['no nulls', { check: 'null_values', collection: 'orders', fields: ['total'] }, undefined],
    [
      'orphans',
      { check: 'orphans', collection: 'orders', fields: ['person'], references: { collection: 'people', fields: ['id'] } },
      '11 rows of orders refer by person to no row of people',
    ],
    [
      'a sum',
      { check: 'column_sum', collection: 'orders', field: 'total', expect: { lt: 248.5 } },
      `is ${totalOf(70)}, expected < 248.5`,
    ],
    ['a query', { check: 'query', query: 'SELECT max(id) FROM orders', expect: { gt: 70 } }, 'the query gives 70, expected > 70'],
    ['the target', { check: 'row_count', on: 'target', collection: 'held', expect: { eq: 0 } }, 'held has 1 such rows'],
    [
      'both, by a function',
      {
        check: 'function',
        name: 'room',
        run: async ({ source, target, count }) =>
          (await count('orders')) === (await source.count('orders')) && (await target.count('held')) < 1 ? true : 'no room',
      },
      'room: no room',
    ],
  ];

  it('stop it with nothing written', async () => {
    await stores.documents.collection('held').insertOne({ a: 1 });
    for (const [name, check, message] of cases) {
      if (message === undefined) continue;
      const loaded = spec({ before: [check] });
      const failure = await failureOf(runEtl(loaded, dependencies()));
      expect(failure, name).toMatchObject({ code: 'CHECK_FAILED', exit: 1 });
      expect(failure.message, name).toContain('"two" was not begun, nothing is written: ');
      expect(failure.message, name).toContain(message);
    }
    expect(await collections()).not.toContain('bills');
    const first = cases[0]![1];
    expect((await failureOf(rollbackEtl(spec({ before: [first] }), dependencies()))).code).toBe('NO_RUN');
    expect((await planEtl(spec({ before: [first] }), dependencies())).next).toBe('begin');
  });

  it('pass or warn, and are in the report', async () => {
    await stores.documents.collection('held').insertOne({ a: 1 });
    const before = cases.map(([, check]) => ({ ...check, on_failure: 'warn', action: 'Ask.' }) as Before);
    const report = await runEtl(spec({ before }), dependencies());
    expect(report.outcome).toBe('done');
    expect(report.checks.map(({ status, action }) => `${status} ${action}`)).toEqual(
      cases.map(([, , message]) => (message === undefined ? 'PASS ' : 'WARNING Ask.')),
    );
    expect(await bills()).toBe(60);
  });

  it('are not repeated when rows have been written', async () => {
    const check: Before = { check: 'row_count', collection: 'orders', expect: { eq: 70 } };
    await failureOf(runEtl(spec({ before: [check] }), brokenAt('etl.after_write', 3))).catch(() => undefined);
    await stores.sql.query('DELETE FROM orders WHERE id = 70');
    const report = await runEtl(spec({ before: [check] }), dependencies());
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: 60, checks: [{ status: 'PASS' }] });
  });
});
