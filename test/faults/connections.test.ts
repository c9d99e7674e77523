import {
  type Adapter,
  type AnyOperationInput,
  checkOperation,
  down,
  isPolyshiftError,
  type Migration,
  migrationChecksum,
  type RunEvent,
  type RunnerOptions,
  up,
} from '@polyshift/core';
import { type EtlDependencies, type EtlEvent, retryDeadLetters, rollbackEtl, runEtl, verifyEtl } from '@polyshift/etl';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atPasses, dependencies, FaultStage, failureOf, leaseMs } from './stage.ts';
import { faultStores } from './stores.ts';

const rowCount = 40;
const allRows = Array.from({ length: rowCount }, (_, index) => [String(index + 1), `name ${index + 1}`] as const);

// Two stores at once: most of the time of these tests is waiting.
describe.concurrent.each(faultStores)('%s', (_server, store) => {
  let stage: FaultStage;
  beforeAll(async () => {
    stage = await FaultStage.open(store);
    await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text);
      INSERT INTO people SELECT i, 'name ' || i FROM generate_series(1, ${rowCount}) AS i`);
    await runEtl(load('kept'), dependencies());
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());
  beforeEach(() => stage.proxy.heal());

  const load = (table: string) =>
    stage.spec(table, [
      { type: 'extract', source_table: 'people', batch_size: 20 },
      { type: 'load', target_table: table, batch_size: 5 },
    ]);
  const names = async (collection: string) =>
    [...(await stage.rows(collection))]
      .map(([key, row]) => [key, row.get('name')?.value] as const)
      .sort(([a], [b]) => Number(a) - Number(b));
  const named = (ending: string) => allRows.map(([key, name]) => [key, `${name}${ending}`]);
  const failedChecks = async (table: string) =>
    (await verifyEtl(load(table), dependencies())).checks.filter(({ status }) => status === 'FAILED');

  it.sequential('answers slowly: a load and a migration take their time and are right', async () => {
    stage.proxy.delay(4);
    expect(await runEtl(load('slow'), dependencies())).toMatchObject({ rows_read: rowCount, rows_inserted: rowCount });
    expect(await failedChecks('slow')).toEqual([]);
    const before = await stage.session.fingerprint('slow');
    const migrations = [shout('1', 'slow')];
    await using session = await stage.connect();
    await up({ session, migrations, wait_ms: 4 * leaseMs });
    expect(await names('slow')).toEqual(named('!'));
    await down({ session, migrations, wait_ms: 4 * leaseMs });
    expect(await stage.session.fingerprint('slow')).toEqual(before);
  });

  it.sequential('loses its connections in a load: each row is there once, and counted once', async () => {
    const events: EtlEvent[] = [];
    const cuts = { 2: () => stage.cutAt(1, 'after'), 5: () => stage.cutAt(1, 'before'), 7: () => stage.cutAt(2, 'after') };
    const report = await runEtl(
      load('cut'),
      dependencies({ emit: (event) => void events.push(event), fault: atPasses('etl.before_write', cuts) }),
    );
    expect(report).toMatchObject({ outcome: 'done', rows_read: rowCount, rows_rejected: 0 });
    expect(report.rows_inserted + report.rows_already_there).toBe(rowCount);
    expect(await names('cut')).toEqual(named(''));
    expect(await failedChecks('cut')).toEqual([]);
    await rollbackEtl(load('cut'), dependencies());
    expect((await stage.session.introspect(['cut'])).collections).toEqual({});
  });

  it.sequential('loses its connections in a migration that must not be done twice: it is done once, and taken back exactly', async () => {
    const before = await stage.session.fingerprint('kept');
    const [first, second, third] = [shout('1', 'kept'), shout('2', 'kept'), shout('3', 'kept')];
    const writes = await untilDone(stage, up, [first]);
    await untilDone(stage, up, [first, second], () => stage.cutAt(Math.ceil(writes * 0.4), 'after'));
    await untilDone(stage, up, [first, second, third], () => stage.cutAt(Math.ceil(writes * 0.6), 'before'));
    expect(await names('kept')).toEqual(named('!!!'));
    const back: typeof up = (options) => down(options, { to: '0' });
    await untilDone(stage, back, [first, second, third], () => stage.cutAt(Math.ceil(writes * 0.6), 'after'));
    expect(await stage.session.fingerprint('kept')).toEqual(before);
  });

  it.sequential('goes away before the first write and comes back: the run waits for it', async () => {
    const events: EtlEvent[] = [];
    const report = await runEtl(
      load('late'),
      dependencies({
        retries: 8,
        fault: atPasses('etl.after_open', { 1: () => stage.goAway() }),
        emit: (event) => {
          events.push(event);
          if (event.kind === 'retry' && event.reconnect && event.attempt === 2) stage.proxy.heal();
        },
      }),
    );
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_inserted: rowCount });
    const pauses = events.flatMap((event) => (event.kind === 'retry' && event.reconnect ? [event.pause_ms] : []));
    expect(pauses.length, 'the run connected again more than once').toBeGreaterThanOrEqual(2);
    expect(await names('late')).toEqual(named(''));
  });

  it.sequential('stays away: nothing is begun, and the error says that it could not be reached', async () => {
    stage.goAway();
    expect(await failureOf(runEtl(load('never'), dependencies({ retries: 1 })))).toMatchObject({
      code: 'CONNECTION_FAILED',
      exit: 3,
    });
    expect(await failureOf(stage.connect())).toMatchObject({ code: 'CONNECTION_FAILED', exit: 3 });
    expect((await stage.session.introspect(['never'])).collections).toEqual({});
  });

  it.sequential('goes away in a load and stays away: the run ends resumable, and the next one goes on', async () => {
    const goAway = atPasses('etl.before_write', { 4: () => stage.goAway() });
    expect(await failureOf(runEtl(load('gone'), dependencies({ retries: 1, fault: goAway })))).toMatchObject({
      code: 'CONNECTION_LOST',
      exit: 5,
    });
    stage.proxy.heal();
    const report = await runEtl(load('gone'), dependencies());
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: rowCount, rows_rejected: 0 });
    expect(report.rows_inserted + report.rows_already_there).toBe(rowCount);
    expect(await names('gone')).toEqual(named(''));
    expect(await failedChecks('gone')).toEqual([]);
  });

  it.sequential('answers nothing any more in a load, and closes nothing: the run makes new connections, and goes on', async () => {
    const events: EtlEvent[] = [];
    const report = await runEtl(
      load('silent'),
      dependencies({
        fault: atPasses('etl.before_write', { 4: () => stage.proxy.swallow('answers') }),
        emit: (event) => {
          events.push(event);
          if (event.kind === 'retry' && event.reconnect) stage.proxy.heal();
        },
      }),
    );
    expect(report).toMatchObject({ outcome: 'done', resumed: true, rows_read: rowCount, rows_rejected: 0 });
    expect(events.some((event) => event.kind === 'retry' && event.reconnect)).toBe(true);
    expect(await names('silent')).toEqual(named(''));
    expect(await failedChecks('silent')).toEqual([]);
  });

  it.sequential('answers nothing any more in other commands: each ends, and does its work the next time', async () => {
    await runEtl(load('asked'), dependencies());
    const silence = swallowingAnswers(stage, 3);
    const ended = await Promise.all([
      failureOf(verifyEtl(load('kept'), silence.onceConnected)),
      failureOf(retryDeadLetters(load('kept'), silence.onceConnected)),
      failureOf(rollbackEtl(load('asked'), dependencies({ fault: atPasses('etl.rollback_recorded', { 1: silence.reached }) }))),
    ]);
    for (const error of ended) expect(error).toMatchObject({ code: 'CONNECTION_LOST', exit: 5 });
    stage.proxy.heal();
    expect(await verifyEtl(load('kept'), dependencies())).toMatchObject({ ok: true, target_rows: rowCount });
    expect(await retryDeadLetters(load('kept'), dependencies())).toMatchObject({ letters: 0 });
    await rollbackEtl(load('asked'), dependencies());
    expect((await stage.session.introspect(['asked'])).collections).toEqual({});
  });
});

/** A place that so many commands reach: when all are there, the answers of the target are lost, and they go on. */
function swallowingAnswers(stage: FaultStage, commands: number) {
  let reach = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    reach = resolve;
  });
  let there = 0;
  const reached = (): Promise<void> => {
    if (++there === commands) {
      stage.proxy.swallow('answers');
      reach();
    }
    return all;
  };
  const { resolveAdapter, ...rest } = dependencies();
  const onceConnected: EtlDependencies = {
    ...rest,
    resolveAdapter: async (type) => {
      const adapter = await resolveAdapter(type);
      const connect: Adapter['connect'] = async (url, options) => {
        const session = await adapter.connect(url, options);
        if (url === stage.proxiedUrl) await reached();
        return session;
      };
      return { ...adapter, connect };
    },
  };
  return { reached, onceConnected };
}

/** A migration that changes every row, and would change it again if it were done twice. */
function shout(version: string, collection: string): Migration {
  const operation: AnyOperationInput = {
    type: 'migrate_data',
    collection,
    data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] },
    batch_size: 10,
  };
  const operations = [checkOperation(operation)];
  return { version, name: 'shout', operations, checksum: migrationChecksum({ operations }), file: `${version}_shout.yaml` };
}

/**
 * Runs a command until it ends well, as somebody does who calls it again whenever it says that it can be resumed; gives the writes that it took.
 * `begun` is called when the first connection is there.
 */
async function untilDone(
  stage: FaultStage,
  command: (options: RunnerOptions) => Promise<unknown>,
  migrations: readonly Migration[],
  begun: () => void = () => undefined,
): Promise<number> {
  const events: RunEvent[] = [];
  const writesBefore = stage.proxy.writes;
  for (let calls = 1; ; calls++) {
    const session = await stage.connect();
    if (calls === 1) begun();
    try {
      await command({
        session,
        migrations,
        lease_ttl_ms: leaseMs,
        wait_ms: 4 * leaseMs,
        emit: (event) => void events.push(event),
      });
      return stage.proxy.writes - writesBefore;
    } catch (error) {
      if (calls === 3 || !isPolyshiftError(error)) throw error;
      expect([error.code, error.exit]).toEqual(['CONNECTION_LOST', 5]);
      stage.proxy.heal();
    } finally {
      await session.close().catch(() => undefined);
    }
  }
}
