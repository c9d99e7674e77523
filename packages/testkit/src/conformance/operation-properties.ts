import {
  type Adapter,
  checkOperation,
  down,
  type OperationHandler,
  planUp,
  type RunContext,
  type StepRecord,
  type StoreSession,
  status,
  unlock,
  up,
  verify,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { Killed, severable } from './killed.ts';
import type { ConformanceOptions, ConformanceServer, Scenario } from './options.ts';
import { scenariosOf } from './scenarios.ts';
import { migrationsOf, Stage } from './stage.ts';
import { storeState } from './store-state.ts';

/** Each declared operation plans without a trace, executes, verifies, can be started again, survives a kill anywhere, and goes back exactly. */
export function operationProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  for (const { type, scenarios } of scenariosOf(adapter, options)) {
    describe.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(`${type}: %s`, (_title, scenario) => {
      it('is planned without a trace', async () => {
        await using stage = await Stage.seeded(adapter, server, options, scenario);
        const before = await storeState(stage.session);
        const plan = await planUp({ session: stage.session, migrations: migrationsOf(scenario) });
        const statements = plan.migrations.at(-1)!.operations[0]!.statements;
        expect(statements.length).toBeGreaterThan(0);
        for (const statement of statements)
          expect([statement.statement, statement.undo].every((text) => text.length > 3)).toBe(true);
        expect(await storeState(stage.session)).toEqual(before);
      });

      it('changes the store, proves it, changes nothing when executed again, and goes back to equal fingerprints', async () => {
        await using stage = await Stage.seeded(adapter, server, options, scenario);
        const runner = { session: stage.session, migrations: migrationsOf(scenario) };
        const before = await storeState(stage.session);
        await up(runner);
        const after = await storeState(stage.session);
        expect(after).not.toEqual(before);
        const proof = await verify(runner);
        expect(proof.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
        await executeAgain(stage.session, scenario);
        expect(await storeState(stage.session)).toEqual(after);
        expect((await up(runner)).migrations).toEqual([]);
        await down(runner);
        expect(await storeState(stage.session)).toEqual(before);
        await up(runner);
        expect(await storeState(stage.session)).toEqual(after);
      });

      it('resumes to the same end, or goes back to the same beginning, after a kill between any two writes', async () => {
        const { before, after, places } = await undisturbed(adapter, server, options, scenario);
        for (const place of spread(places, options.kill_points ?? 6)) {
          for (const way of ['up', 'down'] as const) {
            await using stage = await Stage.seeded(adapter, server, options, scenario);
            const migrations = migrationsOf(scenario);
            const name = await killAt(stage.session, migrations, place);
            await stage.reconnect();
            // The dead run's lease would end by itself, as the lock's own properties show; here nobody waits for it.
            await unlock(stage.session);
            const runner = { session: stage.session, migrations };
            if (way === 'up') {
              await up(runner);
              expect(await storeState(stage.session), `up after a kill at ${name}`).toEqual(after);
            } else if ((await status(runner)).migrations.some((each) => each.version === '2' && each.state !== 'pending')) {
              await down(runner);
            }
            if (way === 'up') await down(runner);
            expect(await storeState(stage.session), `${way}, then down, after a kill at ${name}`).toEqual(before);
          }
        }
      });
    });
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

async function undisturbed(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions, scenario: Scenario) {
  await using stage = await Stage.seeded(adapter, server, options, scenario);
  const before = await storeState(stage.session);
  let places = 0;
  await up({
    session: stage.session,
    migrations: migrationsOf(scenario),
    fault: () => {
      places++;
    },
  });
  return { before, after: await storeState(stage.session), places };
}

/** Runs up and kills it at the nth fault place; returns the name of the place. */
async function killAt(session: StoreSession, migrations: ReturnType<typeof migrationsOf>, place: number): Promise<string> {
  const victim = severable(session);
  let count = 0;
  let name = 'nowhere';
  const running = up({
    session: victim.session,
    migrations,
    fault: (at) => {
      if (count++ !== place) return;
      name = at;
      victim.sever();
    },
  });
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Killed)) throw new Error(`the run did not end by the kill at ${name}`, { cause: error });
  return `${name} (place ${place})`;
}

/** At most `most` numbers below `count`, the first and the last among them. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return [...new Set(Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1))))];
}
