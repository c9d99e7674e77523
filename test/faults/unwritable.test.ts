import { runEtl, verifyEtl } from '@polyshift/etl';
import type { TestServer } from '@polyshift/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atPasses, dependencies, FaultStage, failureOf } from './stage.ts';
import { faultStores } from './stores.ts';
import { unwritable } from './unwritable.ts';

const rowCount = 30;

const ways = faultStores.flatMap(([name, store]) => {
  const ofStore = unwritable[store.server];
  return typeof ofStore === 'string' ? [] : ofStore.map((way) => [name, way.how, way, store] as const);
});

describe.each(ways)('%s, by %s', (_server, _how, way, store) => {
  let server: TestServer | undefined;
  let stage: FaultStage;
  beforeAll(async () => {
    server = await way.server?.();
    stage = await FaultStage.open(store, server);
    await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text);
      INSERT INTO people SELECT i, 'name ' || i FROM generate_series(1, ${rowCount}) AS i`);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  const load = (table: string) =>
    stage.spec(table, [
      { type: 'extract', source_table: 'people', batch_size: 10 },
      { type: 'load', target_table: table, batch_size: 5 },
    ]);
  const complete = async (table: string) => {
    const names = [...(await stage.rows(table))].map(([key, row]) => [key, row.get('name')?.value]);
    expect(new Map(names as [string, string][])).toEqual(
      new Map(Array.from({ length: rowCount }, (_, index) => [String(index + 1), `name ${index + 1}`])),
    );
    expect((await verifyEtl(load(table), dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  };

  it('takes no writes in a load: the run ends resumable, and the next one goes on once it takes them again', async () => {
    const fault = atPasses('etl.before_write', { 3: async () => void (await way.forbid(stage, 'blocked')) });
    const error = await failureOf(runEtl(load('blocked'), dependencies({ retries: 2, fault })));
    expect(error).toMatchObject({ code: way.code, exit: way.code === 'PERMISSION_DENIED' ? 1 : 5 });
    await way.allow(stage, 'blocked');
    const report = await runEtl(load('blocked'), dependencies());
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: rowCount, rows_rejected: 0 });
    expect(report.rows_inserted + report.rows_already_there).toBe(rowCount);
    await complete('blocked');
  });

  // A missing permission is not waited for.
  if (way.code === 'PERMISSION_DENIED') return;

  it('takes no writes for a moment: the run waits for it', async () => {
    const fault = atPasses('etl.before_write', { 3: async () => void (await way.forbid(stage, 'waited')) });
    let retries = 0;
    const report = await runEtl(
      load('waited'),
      dependencies({
        retries: 8,
        fault,
        emit: (event) => {
          if (event.kind === 'retry' && ++retries === 2) void way.allow(stage, 'waited');
        },
      }),
    );
    expect(report).toMatchObject({ outcome: 'done', rows_read: rowCount, rows_rejected: 0 });
    expect(retries).toBeGreaterThanOrEqual(2);
    await complete('waited');
  });
});
