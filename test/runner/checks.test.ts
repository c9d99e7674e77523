import {
  type CheckDefinitionInput,
  type CustomCheck,
  checkDefinitionSchema,
  type Migration,
  type StoreSession,
  status,
  up,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

type Given = CheckDefinitionInput | CustomCheck;
const parsed = (given: Given) => (given.check === 'function' ? given : checkDefinitionSchema.parse(given));

/** A second version with a change and checks around it. */
function checked(checks: { before?: Given[]; after?: Given[] }): Migration {
  const change = migration('2', [{ type: 'add_field', collection: 'people', data: { field_name: 'vip', default_value: 1 } }]);
  return { ...change, checks: { before: checks.before?.map(parsed), after: checks.after?.map(parsed) } };
}

const query = (store: (typeof stores)[number]): string =>
  store.name === 'postgresql'
    ? 'SELECT count(*) FROM people'
    : JSON.stringify({ aggregate: 'people', pipeline: [{ $count: 'n' }] });

describe.each(stores)('checks of a migration on $name', (store) => {
  const { key } = store;
  const orders = migration('1', [
    ...people(key).operations.map(({ batch_size: _size, ...operation }) => operation as never),
    {
      type: 'create_collection',
      collection: 'orders',
      data: {
        fields: [
          { name: key, type: 'int32', nullable: false },
          { name: 'person', type: 'int32' },
          { name: 'name', type: 'text' },
        ],
        key: [key],
      },
    },
    {
      type: 'load',
      collection: 'orders',
      data: {
        rows: [
          { [key]: 1, person: 1, name: 'a' },
          { [key]: 2, person: 9, name: 'a' },
          { [key]: 3, person: null, name: null },
        ],
        key: [key],
      },
    },
  ]);

  const passing: Given[] = [
    { check: 'null_values', collection: 'people', fields: ['name'] },
    { check: 'null_values', collection: 'orders', fields: ['name'], conditions: { [key]: { lt: 3 } } },
    { check: 'duplicates', collection: 'people', fields: ['name'] },
    { check: 'duplicates', collection: 'orders', fields: ['name', 'person'] },
    {
      check: 'orphans',
      collection: 'orders',
      fields: ['person'],
      references: { collection: 'people', fields: [key] },
      conditions: { [key]: { ne: 2 } },
    },
    { check: 'row_count', collection: 'people', expect: { eq: 3 } },
    { check: 'row_count', collection: 'people', conditions: { name: 'Ann' }, expect: { gte: 1, lt: 2 } },
    { check: 'column_sum', collection: 'orders', field: 'person', expect: { eq: 10 } },
    { check: 'column_sum', collection: 'orders', field: 'person', conditions: { [key]: 3 }, expect: { eq: 0 } },
    { check: 'distinct_count', collection: 'orders', fields: ['name'], expect: { eq: 1 } },
    { check: 'distinct_count', collection: 'orders', fields: ['name', 'person'], expect: { gt: 1, lte: 2 } },
    { check: 'query', query: query(store), expect: { eq: 3 } },
    { check: 'function', name: 'by_hand', run: async ({ count }) => (await count('people')) === 3 || 'not three' },
  ];
  const failing: [Given, string][] = [
    [{ check: 'null_values', collection: 'orders', fields: ['name'] }, '1 rows of orders have no name'],
    [{ check: 'duplicates', collection: 'orders', fields: ['name'] }, '1 rows of orders repeat name'],
    [
      { check: 'orphans', collection: 'orders', fields: ['person'], references: { collection: 'people', fields: [key] } },
      'to no row of people: i9',
    ],
    [{ check: 'row_count', collection: 'people', expect: { gt: 3 } }, 'people has 3 such rows, expected > 3'],
    [{ check: 'column_sum', collection: 'orders', field: 'person', expect: { lt: 10 } }, 'the sum of orders.person is 10'],
    [
      { check: 'distinct_count', collection: 'orders', fields: ['name'], expect: { eq: 2 } },
      'orders has 1 different values of name',
    ],
    [{ check: 'query', query: query(store), expect: { ne: 3 } }, 'the query gives'],
    [{ check: 'function', name: 'by_hand', run: async () => 'not good' }, 'by_hand: not good'],
    [
      {
        check: 'function',
        name: 'by_hand',
        run: async () => {
          throw new Error('broken');
        },
      },
      'by_hand: it threw broken',
    ],
  ];

  async function withOrders(work: (session: StoreSession) => Promise<void>): Promise<void> {
    await onStore(store, async (session) => {
      await up({ session, migrations: [orders] });
      await work(session);
    });
  }

  it('that pass are in the report, before and after', async () => {
    await withOrders(async (session) => {
      const report = await up({ session, migrations: [orders, checked({ before: passing, after: passing })] });
      const found = report.migrations[0]!.checks.filter(({ status: outcome }) => outcome === 'PASS').map((check) => check.check);
      for (const given of passing) {
        const name = given.check === 'function' ? given.name : given.check;
        expect(found.filter((each) => each === name).length, name).toBeGreaterThanOrEqual(2);
      }
    });
  });

  it('that fail before stop it with nothing changed; after, everything is taken back', async () => {
    await withOrders(async (session) => {
      const before = await session.fingerprint('people');
      for (const [given, message] of failing) {
        for (const moment of ['before', 'after'] as const) {
          const error = await up({ session, migrations: [orders, checked({ [moment]: [given] })] }).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error, message).toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining(message) });
          expect(await session.fingerprint('people'), message).toEqual(before);
        }
      }
      expect((await status({ session, migrations: [orders] })).migrations[1]).toMatchObject({ state: 'failed' });
    });
  });

  it('only say so where they are told to', async () => {
    await withOrders(async (session) => {
      const [[given]] = failing as [[Given, string]];
      const warned = checked({ before: [{ ...given, on_failure: 'warn', action: 'Ask Ann.' } as Given] });
      const report = await up({ session, migrations: [orders, warned] });
      expect(report.migrations[0]!.checks.filter((check) => check.status === 'WARNING')).toMatchObject([
        { check: 'null_values', action: 'Ask Ann.' },
      ]);
    });
  });

  it('a sum over what is no number says so, and changes nothing', async () => {
    await withOrders(async (session) => {
      const before = await session.fingerprint('people');
      const checks = { before: [{ check: 'column_sum', collection: 'orders', field: 'name', expect: { eq: 0 } }] } as const;
      await expect(up({ session, migrations: [orders, checked({ before: [...checks.before] })] })).rejects.toMatchObject({
        code: 'CONVERSION_FAILED',
        message: expect.stringMatching(/orders\.name holds .*no number/),
      });
      expect(await session.fingerprint('people')).toEqual(before);
    });
  });

  it('a query that would write is refused, and writes nothing', async () => {
    await withOrders(async (session) => {
      const before = await session.fingerprint('people');
      const queries =
        store.name === 'postgresql'
          ? ['DELETE FROM people RETURNING 1', 'SELECT 1; DELETE FROM people']
          : [
              JSON.stringify({ aggregate: 'people', pipeline: [{ $match: { nobody: 1 } }, { $out: 'people' }] }),
              '{"drop":"people"}',
              'no json',
            ];
      for (const text of queries) await expect(session.query!(text), text).rejects.toMatchObject({ name: 'PolyshiftError' });
      expect(await session.fingerprint('people')).toEqual(before);
    });
  });
});
