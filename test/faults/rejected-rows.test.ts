import { type EtlEvent, retryDeadLetters, runEtl, type SpecInput, verifyEtl } from '@polyshift/etl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependencies, FaultStage, failureOf } from './stage.ts';
import { faultStores } from './stores.ts';

const rowCount = 30;

describe.each(faultStores)('%s', (_server, store) => {
  let stage: FaultStage;
  beforeAll(async () => {
    stage = await FaultStage.open(store);
    // Row 12 has the code of row 7, row 22 that of the row before it, in the same write; row 18 has no number, row 24 a text too large for the store.
    await stage.sql.query(`CREATE TABLE readings (id int PRIMARY KEY, code int, raw text, body text);
      INSERT INTO readings SELECT i,
        CASE i WHEN 12 THEN 7 WHEN 22 THEN 21 ELSE i END, CASE i WHEN 18 THEN 'bad' ELSE i::text END,
        CASE i WHEN 24 THEN repeat('x', ${tooLarge?.characters ?? 5}) ELSE 'small' END
        FROM generate_series(1, ${rowCount}) AS i`);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const tooLarge = typeof store.too_large === 'string' ? undefined : store.too_large;
  const bad = [
    ['7', 'DUPLICATE_KEY'],
    ['21', 'DUPLICATE_KEY'],
    ['18', 'CONVERSION_FAILED'],
    ...(tooLarge ? [['24', tooLarge.code]] : []),
  ];
  const load = (max_rejected: SpecInput['max_rejected'], rules: object = {}) =>
    stage.spec(
      'readings',
      [
        { type: 'extract', source_table: 'readings', batch_size: 10 },
        {
          type: 'transform',
          transformation_rules: {
            [stage.key]: 'code',
            id_before: 'id',
            value: { type: 'function', function: 'cast', args: ['raw', { value: 'int32' }] },
            body: 'body',
            ...rules,
          },
        },
        { type: 'load', target_table: 'readings', batch_size: 5, key: [stage.key] },
      ],
      { max_rejected, dead_letters: { table: 'rejected' } },
    );
  const letters = async () =>
    [...(await stage.rows('rejected')).values()]
      .map((row) => [keyText(row.get('row_key')?.value), row.get('code')?.value])
      .sort(([a], [b]) => Number(a) - Number(b));
  const inOrder = (rows: readonly (readonly unknown[])[]) => [...rows].sort(([a], [b]) => Number(a) - Number(b));

  it(`rejects duplicate keys, values that do not convert${tooLarge ? ' and too large rows' : ''}; all others are written`, async () => {
    for (const limit of ['4%', 2] as const) {
      const error = await failureOf(runEtl(load(limit), dependencies()));
      expect(error).toMatchObject({ code: 'ROW_REJECTED', exit: 1, data: { dead_letters: 'the table rejected' } });
      expect(error.message).toContain(`the spec allows ${limit}`);
      expect(error.hint).toContain('raise max_rejected');
    }
    const events: EtlEvent[] = [];
    const report = await runEtl(load(bad.length), dependencies({ emit: (event) => void events.push(event) }));
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: rowCount, rows_rejected: bad.length });
    expect(report.rows_inserted + report.rows_already_there).toBe(rowCount - bad.length);
    expect(await letters()).toEqual(inOrder(bad));
    const written = await stage.rows('readings');
    expect([...written.values()].map((row) => Number(row.get('id_before')?.value)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: rowCount }, (_, index) => index + 1).filter(
        (id) => ![12, 18, 22, ...(tooLarge ? [24] : [])].includes(id),
      ),
    );
    expect((await verifyEtl(load(bad.length), dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  });

  it('loads them by a retry when the rules are mended', async () => {
    const mended = load(bad.length, {
      [stage.key]: { type: 'expression', expression: 'id == 12 || id == 22 ? id + 1000 : code', to: 'int32' },
      value: { type: 'expression', expression: "raw == 'bad' ? '-1' : raw", to: 'int32' },
      body: { type: 'expression', expression: "size(body) > 1000 ? 'cut' : body", to: 'text' },
    });
    expect(await retryDeadLetters(mended, dependencies())).toMatchObject({
      letters: bad.length,
      loaded: bad.length,
      rejected: 0,
      not_found: 0,
      left: [],
    });
    expect(await letters()).toEqual([]);
    const rows = await stage.rows('readings');
    expect(rows.size).toBe(rowCount);
    expect([rows.get('1012'), rows.get('1022'), rows.get('18')].map((row) => Number(row?.get('value')?.value))).toEqual([
      12, 22, -1,
    ]);
    if (tooLarge) expect(rows.get('24')?.get('body')?.value).toBe('cut');
    expect((await verifyEtl(mended, dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  });
});

/** A key of one field as a text: a letter has that of the source row, or the list of that of the row that the target refused. */
function keyText(key: unknown): string {
  return String([JSON.parse(String(key))].flat()[0]);
}
