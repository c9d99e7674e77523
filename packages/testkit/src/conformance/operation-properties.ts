import {
  type Adapter,
  checkOperation,
  down,
  type OperationHandler,
  planUp,
  type RunContext,
  type StepRecord,
  type StoreSession,
  up,
  verify,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { type FaultyRun, goOnAfterKill, killAfter, tryKill } from './kill-after.ts';
import { proveCuts, takeBack } from './operation-cuts.ts';
import type { ConformanceOptions, ConformanceServer, Scenario } from './options.ts';
import { chance, spread } from './places.ts';
import { expectedRows, resultRows } from './result-rows.ts';
import { scenariosOf } from './scenarios.ts';
import { SharedStage } from './shared-stage.ts';
import { migrationsOf, Stage } from './stage.ts';
import { storeState } from './store-state.ts';
import { proveTampering } from './tamper-properties.ts';
import { undisturbed } from './undisturbed.ts';

/** Each declared operation plans without a trace, executes, verifies, can be started again, survives a kill anywhere, and goes back exactly. */
export function operationProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  for (const { type, scenarios } of scenariosOf(adapter, options)) {
    // Of the scenarios of an operation the one whose batches are small has the most writes that tell apart.
    const cut = scenarios.find(({ operation }) => operation.batch_size !== undefined) ?? scenarios[0];
    describe.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(`${type}: %s`, (_title, scenario) => {
      const shared = SharedStage.ofGroup(() => Stage.seeded(adapter, server, options, scenario));

      it('is planned without a trace', () => shared.use((stage) => provePlan(stage, scenario)));

      it('changes the store, proves it, changes nothing when executed again, and goes back to equal fingerprints', () =>
        shared.use((stage) => proveChange(stage, scenario)));

      it('resumes to the same end, or goes back to the same beginning, after a kill between any two writes', () =>
        shared.use((stage) => proveKills(stage, options, scenario)));

      if (scenario === cut) {
        it('resumes to the same end, or goes back to the same beginning, after its connection is cut at any write', () =>
          shared.use((stage) => proveCuts(stage, options, scenario)));

        // What SQL of the user does is known to nobody but the user, whose checks prove it.
        if (type !== 'run_sql')
          it('is not reported as done when it is incomplete', () =>
            shared.use((stage) => proveTampering(stage, options, scenario)));
      }
    });
  }
}

async function provePlan(stage: Stage, scenario: Scenario): Promise<void> {
  const before = await storeState(stage.session);
  const plan = await planUp({ session: stage.session, migrations: migrationsOf(scenario) });
  const statements = plan.migrations.at(-1)!.operations[0]!.statements;
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) expect([statement.statement, statement.undo].every((text) => text.length > 3)).toBe(true);
  expect(await storeState(stage.session)).toEqual(before);
}

async function proveChange(stage: Stage, scenario: Scenario): Promise<void> {
  const runner = { session: stage.session, migrations: migrationsOf(scenario) };
  const { before, after } = await undisturbed(stage, scenario);
  expect(after).not.toEqual(before);
  await up(runner);
  expect(await storeState(stage.session)).toEqual(after);
  const proof = await verify(runner);
  expect(proof.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
  if (scenario.result) expect(await resultRows(stage.session, scenario.result)).toEqual(expectedRows(scenario.result));
  await executeAgain(stage.session, scenario);
  expect(await storeState(stage.session)).toEqual(after);
  expect((await up(runner)).migrations).toEqual([]);
  await down(runner);
  expect(await storeState(stage.session)).toEqual(before);
}

/** Every kill starts from the state before, which the one before it has come back to; what it left out of sight is there too. */
async function proveKills(stage: Stage, options: ConformanceOptions, scenario: Scenario): Promise<void> {
  const migrations = migrationsOf(scenario);
  const { before, after, upPlaces } = await undisturbed(stage, scenario);
  // Which of the two comes first differs from scenario to scenario, so that each place is met both ways.
  const firstWay = chance(`${scenario.operation.type} ${scenario.title} killed`) < 0.5 ? 0 : 1;
  for (const [nth, place] of spread(upPlaces.length, options.kill_points ?? 8).entries()) {
    const way = (['up', 'down'] as const)[(firstWay + nth) % 2]!;
    const name = await killAtOrBefore(stage, scenario, place);
    await goOnAfterKill(stage);
    if (way === 'up') {
      await up({ session: stage.session, migrations });
      expect(await storeState(stage.session), `up after a kill at ${name}`).toEqual(after);
    }
    await takeBack(stage, scenario);
    expect(await storeState(stage.session), `${way}, then down, after a kill at ${name}`).toEqual(before);
  }
}

/** Calls a handler's execute for a step that is done. */
async function executeAgain(session: StoreSession, scenario: Scenario): Promise<void> {
  const record = (await session.journal.get('step', '2/00000')) as StepRecord;
  const operation = checkOperation(scenario.operation);
  const handler = session.operations[operation.type] as unknown as OperationHandler;
  const lock = await session.locks.acquire('migrations', { id: 'again', host: 'h', pid: 1, command: 'up' }, 30_000);
  if (!lock.acquired) throw new Error('the lock was not given back after up');
  const run: RunContext = {
    run_id: 'again',
    version: '2',
    step: 0,
    aside: '2_0',
    fence: { lock: 'migrations', token: lock.token },
    signal: new AbortController().signal,
    checkpoint: record.checkpoint ?? undefined,
    save: async () => undefined,
    guard: async () => undefined,
    fault: async () => undefined,
  };
  for await (const _progress of handler.execute(operation, record.undo, run));
  await session.locks.release('migrations', lock.token);
}

/** Kills `up` at a place, or at its last one: where rows that were written anew lie otherwise, it may pass fewer than the first time. */
async function killAtOrBefore(stage: Stage, scenario: Scenario, place: number): Promise<string> {
  const migrations = migrationsOf(scenario);
  const run: FaultyRun = (session, fault) => up({ session, migrations, fault });
  const { name, passed } = await tryKill(stage.session, place, run);
  if (name !== undefined) return name;
  await takeBack(stage, scenario);
  return await killAfter(stage.session, passed - 1, run);
}
