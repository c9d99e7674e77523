import {
  type Adapter,
  type DownScript,
  down,
  isPolyshiftError,
  type Migration,
  type OperationType,
  printDown,
  type StoreSession,
  status,
  up,
  verify,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { hostileMigrations } from './hostile-migrations.ts';
import { goOnAfterKill, killAfter } from './kill-after.ts';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { chance } from './places.ts';
import { scenariosOf } from './scenarios.ts';
import { SharedStage } from './shared-stage.ts';
import { migration, migrationsOf, Stage } from './stage.ts';
import { storeState } from './store-state.ts';

/**
 * A printed rollback script, run by the store's driver alone, does what `down` does: for each operation, whole or stopped part-way, for
 * names and values that are out for harm, and not for a store that is not as it was when the script was printed.
 */
export function printProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const support = adapter.capabilities.rollback_scripts;
  describe('printed rollback scripts', () => {
    const shared = SharedStage.ofGroup(() => Stage.seeded(adapter, server, options));
    const scenarios = scenariosOf(adapter, options).flatMap(({ type, scenarios: all }) =>
      all.map((scenario) => [`${type} ${scenario.title}`, type, scenario] as const),
    );

    if (!support?.supported) {
      it('are refused with the reason', () =>
        shared.use(async ({ session }) => {
          expect(session.scripts).toBeUndefined();
          const error = await failure(printDown({ session, migrations: [], capabilities: adapter.capabilities }));
          expect(isPolyshiftError(error, 'NOT_SCRIPTABLE')).toBe(true);
          expect((error as Error).message).toContain(support?.reason ?? adapter.capabilities.title);
        }));
      return;
    }

    const print = (stage: Stage, migrations: Migration[], to: string): Promise<DownScript> =>
      printDown({ session: stage.session, migrations, capabilities: adapter.capabilities }, { to });
    const run = async (stage: Stage, script: DownScript, how: 'statements' | 'file'): Promise<void> => {
      if (!options.run_script) throw new Error('rollback_scripts are declared: the suite needs run_script to run them');
      await options.run_script(stage.url, script, how);
    };

    it.each(scenarios)('%s: go back as down does, by statement or as a file', (_title, type, scenario) =>
      shared.use(async (stage) => {
        const runner = { session: stage.session, migrations: migrationsOf(scenario) };
        const to = scenario.before ? '1' : '0';
        if (scenario.before) await up({ ...runner, migrations: runner.migrations.slice(0, 1) });
        const before = await storeState(stage.session);
        await up(runner);
        const after = await storeState(stage.session);
        if (support.refused[type] !== undefined) {
          const error = await failure(print(stage, runner.migrations, to));
          expect(isPolyshiftError(error, 'NOT_SCRIPTABLE'), String(error)).toBe(true);
          expect((error as Error).message).toContain(support.refused[type]);
        } else {
          for (const how of ['statements', 'file'] as const) {
            const script = await print(stage, runner.migrations, to);
            if (how === 'statements') expect(await storeState(stage.session), 'printed').toEqual(after);
            await run(stage, script, how);
            expect(await storeState(stage.session), `after the script as ${how}`).toEqual(before);
            await proveRolledBack(stage, runner.migrations, script);
            expect((await up(runner)).migrations.map(({ version }) => version)).toEqual(['2']);
            expect(await storeState(stage.session), `after another up`).toEqual(after);
          }
        }
        await down(runner, { to: '0' });
      }),
    );

    const undoOf = (type: OperationType): string | undefined => {
      const carried = adapter.capabilities.operations[type];
      return carried.supported ? carried.undo : undefined;
    };
    const stopped = scenariosOf(adapter, options)
      .filter(({ type }) => support.refused[type] === undefined)
      .map(
        ({ type, scenarios: all }) => [type, all.find(({ operation }) => operation.batch_size !== undefined) ?? all[0]!] as const,
      );

    it.each(stopped)('%s: take back what was stopped part-way, on its way up or back', (type, scenario) =>
      shared.use(async (stage) => {
        const migrations = migrationsOf(scenario);
        const to = scenario.before ? '1' : '0';
        if (scenario.before) await up({ session: stage.session, migrations: migrations.slice(0, 1) });
        const before = await storeState(stage.session);
        const ways = {
          up: (session: StoreSession, fault: (at: string) => void) => up({ session, migrations, fault }),
          down: (session: StoreSession, fault: (at: string) => void) => down({ session, migrations, fault }, { to }),
        };
        const places = { up: await placesOf(stage.session, ways.up), down: await placesOf(stage.session, ways.down) };
        for (const way of ['up', 'down'] as const) {
          if (way === 'down') await up({ session: stage.session, migrations });
          // The first places are those of the journal, before anything is changed.
          const place = Math.floor(places[way] * (0.4 + 0.6 * chance(`${type} ${way}`)));
          const name = `${way} killed at ${await killAfter(stage.session, place, ways[way])}`;
          await goOnAfterKill(stage);
          const script = await print(stage, migrations, to).catch((error: unknown) => error as Error);
          if (!(script instanceof Error)) {
            // What had come back before it was killed needs no script.
            if (script.statements.length > 0) await run(stage, script, 'statements');
          } else {
            // Among the user's own statements nobody but polyshift knows where to go on.
            expect(isPolyshiftError(script, 'NOT_SCRIPTABLE') && undoOf(type) === 'script', `${name}: ${script}`).toBe(true);
            await down({ session: stage.session, migrations }, { to });
          }
          expect(await storeState(stage.session), `after the script for ${name}`).toEqual(before);
        }
        await down({ session: stage.session, migrations }, { to: '0' });
      }),
    );

    it.each(stopped)('%s: leave to down what they did not come to', (_type, scenario) =>
      shared.use(async (stage) => {
        const migrations = migrationsOf(scenario);
        const to = scenario.before ? '1' : '0';
        if (scenario.before) await up({ session: stage.session, migrations: migrations.slice(0, 1) });
        const before = await storeState(stage.session);
        await up({ session: stage.session, migrations });
        const after = await storeState(stage.session);
        const script = await print(stage, migrations, to);
        const count = Math.floor(script.statements.length * (0.4 + 0.55 * chance(`script ${scenario.title}`)));
        await run(stage, { ...script, statements: script.statements.slice(0, count) }, 'statements');
        if (support.atomic === 'script') expect(await storeState(stage.session)).toEqual(after);
        await goOnAfterKill(stage);
        await down({ session: stage.session, migrations }, { to });
        expect(await storeState(stage.session), `after ${count} of ${script.statements.length} statements, and down`).toEqual(
          before,
        );
        await down({ session: stage.session, migrations }, { to: '0' });
      }),
    );

    it('go back over several versions, whatever names and values hold', () =>
      shared.use(async (stage) => {
        const migrations = hostileMigrations(adapter, options.key ?? 'id').map((operations, index) =>
          migration(String(index + 1), operations),
        );
        const runner = { session: stage.session, migrations };
        const before = await storeState(stage.session);
        await up(runner);
        const after = await storeState(stage.session);
        for (const how of ['statements', 'file'] as const) {
          const script = await print(stage, migrations, '0');
          expect(script.versions).toEqual(migrations.map(({ version }) => version).reverse());
          await run(stage, script, how);
          expect(await storeState(stage.session)).toEqual(before);
          await up(runner);
          expect(await storeState(stage.session)).toEqual(after);
        }
        await down(runner, { to: '0' });
        expect(await storeState(stage.session)).toEqual(before);
      }));

    it('fail before they change anything where the store is not as it was', () =>
      shared.use(async (stage) => {
        const [first] = scenarios.filter(([, type]) => support.refused[type] === undefined);
        const migrations = [migration('1', [first![2].operation])];
        await up({ session: stage.session, migrations });
        const script = await print(stage, migrations, '0');
        const after = await storeState(stage.session);

        const lock = await stage.session.locks.acquire('migrations', { id: 'other', host: 'h', pid: 1, command: 'up' }, 30_000);
        if (!lock.acquired) throw new Error('the lock was not given back after up');
        expect(await failure(run(stage, script, 'statements')), 'under a lock').toBeDefined();
        expect(await storeState(stage.session)).toEqual(after);
        const refused = await failure(printDown({ session: stage.session, migrations, capabilities: adapter.capabilities }));
        expect(isPolyshiftError(refused, 'LOCKED'), String(refused)).toBe(true);
        expect(await stage.session.locks.release('migrations', lock.token)).toBe(true);

        await down({ session: stage.session, migrations });
        const before = await storeState(stage.session);
        expect(await failure(run(stage, script, 'statements')), 'after down').toBeDefined();
        expect(await storeState(stage.session)).toEqual(before);
        await up({ session: stage.session, migrations });
        expect(await failure(run(stage, script, 'statements')), 'after another up').toBeDefined();
        expect(await storeState(stage.session)).toEqual(after);
        await down({ session: stage.session, migrations });
      }));
  });
}

/** To polyshift the store is one that `down` has run on. */
async function proveRolledBack(stage: Stage, migrations: Migration[], script: DownScript): Promise<void> {
  const report = await status({ session: stage.session, migrations });
  expect(report.current_version).toBe(script.to_version);
  const states = new Map(report.migrations.map(({ version, state }) => [version, state]));
  for (const version of script.versions) expect(states.get(version)).toBe('rolled_back');
  expect(await stage.session.locks.read('migrations')).toBeUndefined();
  const proof = await verify({ session: stage.session, migrations });
  expect(proof.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
}

/** How many places a run passes at which it can be killed. */
async function placesOf(
  session: StoreSession,
  work: (session: StoreSession, fault: (at: string) => void) => Promise<unknown>,
): Promise<number> {
  let places = 0;
  await work(session, () => {
    places++;
  });
  return places;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
