import { rollbackEtl, runEtl, verifyEtl } from '@polyshift/etl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atPasses, dependencies, FaultStage, failureOf } from './stage.ts';
import { faultStores } from './stores.ts';

const rowCount = 30;

describe.each(faultStores)('%s', (_server, store) => {
  let stage: FaultStage;
  beforeAll(async () => {
    stage = await FaultStage.open(store);
    await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text, age int);
      INSERT INTO people SELECT i, 'name ' || i, i FROM generate_series(1, ${rowCount}) AS i`);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const load = (table: string) =>
    stage.spec(table, [
      { type: 'extract', source_table: 'people', batch_size: 10 },
      { type: 'load', target_table: table, batch_size: 10 },
    ]);
  const brokenOff = async (table: string) => {
    const fault = atPasses('etl.after_checkpoint', {
      2: () => {
        throw new Error('broken off');
      },
    });
    await expect(runEtl(load(table), dependencies({ fault }))).rejects.toThrow('broken off');
  };
  const ages = async (table: string) =>
    [...(await stage.rows(table))].map(([key, row]) => [Number(key), Number(row.get('age')?.value)]).sort(([a], [b]) => a! - b!);
  const allAges = Array.from({ length: rowCount }, (_, index) => [index + 1, index + 1]);

  it('a column is retyped between two attempts: the run stops, and goes on when it is put back', async () => {
    await brokenOff('retyped');
    await stage.sql.query('ALTER TABLE people ALTER COLUMN age TYPE text');
    const error = await failureOf(runEtl(load('retyped'), dependencies()));
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', exit: 1 });
    expect(error.message).toContain('age was integer and is text');
    await stage.sql.query('ALTER TABLE people ALTER COLUMN age TYPE int USING age::int');
    const report = await runEtl(load('retyped'), dependencies());
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: rowCount, rows_rejected: 0 });
    expect(await ages('retyped')).toEqual(allAges);
    expect((await verifyEtl(load('retyped'), dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  });

  it('a column is dropped between two attempts: the run stops, what is loaded stays until it is taken back, and a new run loads what is left', async () => {
    await brokenOff('dropped');
    const loaded = await ages('dropped');
    await stage.sql.query('ALTER TABLE people DROP COLUMN age');
    const error = await failureOf(runEtl(load('dropped'), dependencies()));
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', exit: 1 });
    expect(error.message).toContain('age is gone');
    expect(await ages('dropped')).toEqual(loaded);
    await rollbackEtl(load('dropped'), dependencies());
    expect((await stage.session.introspect(['dropped'])).collections).toEqual({});
    expect(await runEtl(load('dropped'), dependencies())).toMatchObject({ resumed: false, rows_inserted: rowCount });
    expect([...(await stage.rows('dropped')).values()].every((row) => row.has('name') && !row.has('age'))).toBe(true);
  });
});
