import { doctor, Lease } from '@polyshift/core';
import { etlFindings, etlStatus, type FaultPlace, rollbackEtl, runEtl } from '@polyshift/etl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependencies, FaultStage } from './stage.ts';
import { faultStores } from './stores.ts';

const rowCount = 60;

describe.each(faultStores)('doctor and status of loads into %s', (_server, store) => {
  let stage: FaultStage;
  beforeAll(async () => {
    stage = await FaultStage.open(store);
    await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text);
      INSERT INTO people SELECT i, 'name ' || i FROM generate_series(1, ${rowCount}) AS i`);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const load = (name: string, expected = rowCount) =>
    stage.spec(
      name,
      [
        { type: 'extract', source_table: 'people', conditions: name === 'first' ? { id: { lte: 20 } } : {}, batch_size: 20 },
        { type: 'load', target_table: 'people', mode: 'upsert', batch_size: 10 },
      ],
      name === 'more' ? { checks: { after: [{ check: 'row_count', collection: 'people', expect: { eq: expected } }] } } : {},
    );

  /** The connections of a killed process are gone, and its lock is not given back. */
  const severedAt = (place: FaultPlace, times: number) => {
    let left = times;
    return dependencies({
      retries: 0,
      fault: (passed) => {
        if (passed !== place || --left > 0) return;
        stage.goAway();
        throw new Error(`severed at ${place}`);
      },
    });
  };
  /** The lock of a process that died some time ago. */
  const leaveLock = async (command: string) => {
    const { locks } = stage.session;
    await locks.breakLock('etl:more');
    await locks.acquire('etl:more', { id: 'dead', host: 'elsewhere', pid: 7, command }, 100);
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  const states = async () => (await etlStatus(stage.session)).map(({ spec, state }) => `${spec} ${state}`);

  it('say what was done, what is kept, and where each way leads', async () => {
    expect(await etlFindings(stage.session)).toEqual([]);
    await runEtl(load('first'), dependencies());
    expect(await states()).toEqual(['first done']);
    expect(await etlFindings(stage.session)).toEqual([]);
    const before = await stage.session.fingerprint('people');

    await expect(runEtl(load('more'), severedAt('etl.after_write', 4))).rejects.toThrow();
    stage.proxy.heal();
    await leaveLock('etl run more');
    const [, status] = await etlStatus(stage.session);
    expect(status).toMatchObject({
      spec: 'more',
      state: 'running',
      partitions_done: 0,
      partitions_total: 1,
      lock: { expired: true },
    });
    expect(status!.rows_read + status!.rows_in_doubt).toBeGreaterThanOrEqual(30);
    const [stopped, ...others] = await etlFindings(stage.session);
    expect(others).toEqual([]);
    expect(stopped!.finding).toBe('the load of "more" stopped part-way, after 0 of 1 partitions');
    expect(stopped!.details.join('\n')).toMatch(
      /one attempt\nleft by "etl run more", process 7 on elsewhere.*\n.*up to the last checkpoints; of the next \d+ rows/,
    );
    expect(stopped!.details.join('\n')).toMatch(
      /people had 20 rows before, \d+ rows were written into it; what the load replaces is kept aside under etl_/,
    );
    expect(stopped!.choices.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'polyshift etl run',
      'polyshift etl rollback',
    ]);
    // What rollback needs belongs to somebody: the doctor of migrations does not take it for left behind.
    expect((await doctor({ session: stage.session, migrations: [] })).findings).toEqual([]);

    await expect(runEtl(load('more', rowCount + 1), dependencies())).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    expect(await states()).toEqual(['first done', 'more loaded']);
    const [undone] = await etlFindings(stage.session);
    expect(undone!.finding).toBe('"more" is loaded but not done: 1 of its checks after the load failed');
    expect(undone!.details.join('\n')).toContain(`row_count: people has ${rowCount} such rows, expected = ${rowCount + 1}`);
    expect(undone!.choices.map(({ command }) => command.split(' ')[2])).toEqual(['verify', 'run', 'rollback']);

    const lease = await Lease.acquire(stage.session.locks, 'etl:more', { command: 'etl run more' });
    const [alive] = await etlFindings(stage.session);
    expect(alive).toMatchObject({ finding: 'a run holds the lock of "more"' });
    expect(alive!.details[0]).toMatch(/^"etl run more", process \d+ on /);
    await lease[Symbol.asyncDispose]();

    await expect(rollbackEtl(load('more'), severedAt('etl.rollback_step', 1))).rejects.toThrow();
    stage.proxy.heal();
    await stage.session.locks.breakLock('etl:more');
    const [back] = await etlFindings(stage.session);
    expect(back).toMatchObject({
      finding: 'the rollback of "more" stopped part-way',
      choices: [{ outcome: 'finishes it: people loses the rows of the load and gets those back that it replaced' }],
    });
    await rollbackEtl(load('more'), dependencies());
    expect(await etlFindings(stage.session)).toEqual([]);
    expect(await states()).toEqual(['first done', 'more rolled_back']);
    expect(await stage.session.fingerprint('people')).toEqual(before);
  });
});
