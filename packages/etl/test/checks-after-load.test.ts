import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSpec, planEtl, retryDeadLetters, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type Checks, orders, totalOf } from './orders.ts';
import { brokenAt, dependencies, failureOf } from './two-stores.ts';

const { stores, spec, bills, collections } = orders();
type After = NonNullable<Checks['after']>[number];

describe('checks after a load', () => {
  const whole: After[] = [
    { check: 'row_count', collection: 'bills', expect: { eq: 60 } },
    { check: 'same_row_count' },
    { check: 'same_column_sum', source: { field: 'total' }, target: { field: 'amount' } },
    { check: 'same_distinct_count', source: { fields: ['person'] }, target: { fields: ['who'] } },
    { check: 'same_rows' },
    { check: 'query', on: 'source', query: 'SELECT count(*) FROM orders WHERE open', expect: { eq: 60 } },
    { check: 'query', query: '{"aggregate": "bills", "pipeline": [{"$count": "n"}]}', expect: { eq: 60 } },
    {
      check: 'function',
      name: 'ends',
      run: async ({ source, count }) => (await source.count('orders')) > (await count('bills')) || 'no',
    },
  ];

  it('pass, and stand in plan, report and verify', async () => {
    const loaded = spec({
      before: [{ check: 'duplicates', collection: 'orders', fields: ['id'] }],
      after: whole,
      on_failure: 'roll_back',
    });
    const plan = await planEtl(loaded, dependencies());
    expect(plan.checks.before).toEqual([
      { check: 'duplicates', on: 'source', asks: 'collection orders, fields ["id"]', warns_only: false },
    ]);
    expect(plan.checks.after.map(({ check, on }) => `${check} ${on}`)).toEqual([
      'row_count target',
      'same_row_count both',
      'same_column_sum both',
      'same_distinct_count both',
      'same_rows both',
      'query source',
      'query target',
      'function target',
    ]);
    expect(plan.checks.on_failure).toBe('roll_back');
    const report = await runEtl(loaded, dependencies());
    expect(report.checks.map(({ check, status }) => `${check} ${status}`)).toEqual(
      [
        'duplicates',
        'row_count',
        'same_row_count',
        'same_column_sum',
        'same_distinct_count',
        'same_rows',
        'query',
        'query',
        'ends',
      ].map((name) => `${name} PASS`),
    );
    const verified = await verifyEtl(loaded, dependencies());
    expect(verified.ok).toBe(true);
    expect(verified.checks.map(({ check }) => check)).toEqual(expect.arrayContaining(['checksum', 'same_column_sum', 'ends']));
    await stores.documents.collection('bills').deleteOne({ who: 3 });
    expect(
      (await verifyEtl(loaded, dependencies())).checks.filter(({ status }) => status === 'FAILED').map(({ check }) => check),
    ).toEqual(expect.arrayContaining(['row_count', 'checksum', 'same_row_count', 'same_column_sum']));
  });

  const failing: [string, After, string][] = [
    [
      'same_row_count',
      { check: 'same_row_count', source: { collection: 'orders' } },
      'orders at the source has the number of rows 70, bills at the target 60',
    ],
    [
      'same_column_sum',
      { check: 'same_column_sum', source: { collection: 'orders', field: 'total' }, target: { field: 'amount' } },
      `orders at the source has the sum ${totalOf(70)}, bills at the target ${totalOf(60)}`,
    ],
    [
      'same_distinct_count',
      {
        check: 'same_distinct_count',
        source: { fields: ['person'] },
        target: { fields: ['who'], conditions: { who: { ne: 2 } } },
      },
      'number of different values 6, bills at the target 5',
    ],
    ['row_count', { check: 'row_count', collection: 'bills', expect: { gt: 60 } }, 'bills has 60 such rows, expected > 60'],
  ];

  it('that fail leave the load undone: the checks are repeated, or it is taken back', async () => {
    for (const [name, check, message] of failing) {
      const loaded = spec({ after: [check] });
      for (const _again of [1, 2]) {
        const failure = await failureOf(runEtl(loaded, dependencies()));
        expect(failure, name).toMatchObject({
          code: 'CHECK_FAILED',
          exit: 1,
          hint: expect.stringMatching(/etl run.*etl rollback/),
        });
        expect(failure.message, name).toContain('"two" is loaded but not done: ');
        expect(failure.message, name).toContain(message);
        expect(await bills()).toBe(60);
      }
      expect((await planEtl(loaded, dependencies())).next).toBe('check');
      expect(await rollbackEtl(loaded, dependencies()), name).toMatchObject({ before: 'absent', rows_loaded: 60 });
      expect(await collections()).not.toContain('bills');
    }
    expect((await runEtl(spec(undefined), dependencies())).outcome).toBe('done');
  });

  it('that fail are repeated after a correction, without loading a row again', async () => {
    const check: After = { check: 'null_values', collection: 'bills', fields: ['who'] };
    expect((await failureOf(runEtl(spec({ after: [check] }), dependencies()))).code).toBe('CHECK_FAILED');
    expect(
      (await verifyEtl(spec({ after: [check] }), dependencies())).checks.filter(({ status }) => status === 'FAILED'),
    ).toMatchObject([{ check: 'null_values' }]);
    await stores.documents.collection('bills').updateOne({ who: null }, { $set: { who: 1 } });
    const report = await runEtl(spec({ after: [check] }), dependencies());
    expect(report).toMatchObject({
      outcome: 'done',
      resumed: true,
      rows_read: 60,
      rows_inserted: 60,
      steps: { load: { rows: 0 } },
    });
    expect((await runEtl(spec({ after: [check] }), dependencies())).outcome).toBe('already_done');
  });

  it('that fail take the load back where the spec says so', async () => {
    const loaded = spec({ after: [{ check: 'row_count', collection: 'bills', expect: { eq: 61 } }], on_failure: 'roll_back' });
    const failure = await failureOf(runEtl(loaded, dependencies()));
    expect(failure).toMatchObject({ code: 'CHECK_FAILED', exit: 1 });
    expect(failure.message).toContain('"two" was loaded and taken back: row_count: bills has 60 such rows');
    expect(await collections()).not.toContain('bills');
    expect((await planEtl(loaded, dependencies())).next).toBe('begin');
    await stores.sql.query('INSERT INTO orders VALUES (71, 1, 1, true)');
    expect(await runEtl(loaded, dependencies())).toMatchObject({ outcome: 'done', resumed: false, rows_inserted: 61 });
  });

  it('do not take back what the application has written meanwhile', async () => {
    const loaded = spec({
      after: [
        {
          check: 'function',
          name: 'writes',
          run: async () => {
            await stores.documents.collection<{ _id: number }>('bills').insertOne({ _id: 1000 });
            return 'no';
          },
        },
      ],
      on_failure: 'roll_back',
    });
    expect((await failureOf(runEtl(loaded, dependencies()))).code).toBe('WRITTEN_SINCE');
    expect(await bills()).toBe(61);
  });

  it('count a run as done only when they have passed, whenever it was cut', async () => {
    const checks: Checks = { after: whole };
    for (const place of ['etl.after_finish', 'etl.after_loaded', 'etl.after_done'] as const) {
      await runEtl(spec(checks), brokenAt(place, 1)).catch((error: Error) => expect(error.message).toContain('broken off'));
      const report = await runEtl(spec(checks), dependencies());
      expect(report, place).toMatchObject({ outcome: place === 'etl.after_done' ? 'already_done' : 'done', rows_inserted: 60 });
      expect(
        report.checks.map(({ status }) => status),
        place,
      ).toEqual(whole.map(() => 'PASS'));
      await rollbackEtl(spec(checks), dependencies());
    }
  });

  it('may be the reason to retry dead letters before the load is done', async () => {
    await stores.sql.query(
      "ALTER TABLE orders ADD code text; UPDATE orders SET code = '1'; UPDATE orders SET code = 'x' WHERE id = 3",
    );
    const loaded = stores.spec({
      max_rejected: 1,
      checks: { after: [{ check: 'same_row_count' }] },
      steps: [
        { type: 'extract', source_table: 'orders' },
        {
          type: 'transform',
          transformation_rules: { _id: 'id', n: { type: 'function', function: 'cast', args: ['code', { value: 'int32' }] } },
        },
        { type: 'load', target_table: 'bills' },
      ],
    });
    expect((await failureOf(runEtl(loaded, dependencies()))).message).toContain('number of rows 70, bills at the target 69');
    await stores.sql.query("UPDATE orders SET code = '3' WHERE id = 3");
    expect(await retryDeadLetters(loaded, dependencies())).toMatchObject({ loaded: 1, rejected: 0 });
    expect(await runEtl(loaded, dependencies())).toMatchObject({ outcome: 'done', rows_rejected: 0, rows_inserted: 70 });
    await rollbackEtl(loaded, dependencies());
    expect(await collections()).not.toContain('bills');
  });
});

describe('a check of a spec', () => {
  it('may be a function of a TypeScript file', async () => {
    await mkdir(join(stores.folder, 'etl'), { recursive: true });
    await writeFile(
      join(stores.folder, 'etl', 'orders.ts'),
      `export default {
        name: 'orders',
        source: ${JSON.stringify(stores.postgresql)}, target: ${JSON.stringify(stores.mongodb)},
        checks: { after: [{ check: 'function', name: 'all', run: async ({ source, target }: any) => (await source.count('orders')) === (await target.count('bills')) || 'not all' }] },
        steps: [{ type: 'extract', source_table: 'orders' }, { type: 'load', target_table: 'bills' }],
      };`,
    );
    const loaded = await loadSpec(join(stores.folder, 'etl', 'orders.ts'));
    expect((await runEtl(loaded, dependencies())).checks).toMatchObject([{ check: 'all', status: 'PASS' }]);
  });
});
