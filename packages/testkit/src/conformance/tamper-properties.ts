import { down, isPolyshiftError, type OperationHandler, type RunEvent, type StoreSession, unlock, up } from '@polyshift/core';
import { expect } from 'vitest';
import type { ConformanceOptions, Scenario } from './options.ts';
import { scattered, seed } from './places.ts';
import { migrationsOf, type Stage } from './stage.ts';
import { type StoreState, storeState } from './store-state.ts';
import { undisturbed } from './undisturbed.ts';

/** Ends a method in the middle, as if it had come to its end. */
class CutShort extends Error {
  override readonly name = 'CutShort';
}

type Execute = OperationHandler['execute'];
type Run = Parameters<Execute>[2];

/** An execute that leaves the change incomplete and says that it is done. */
interface Tampering {
  readonly name: string;
  execute(inner: OperationHandler, ...parameters: Parameters<Execute>): ReturnType<Execute>;
}

/**
 * Leaves a change incomplete between `execute` and `verify`: nothing done, stopped between two writes, or partly taken back again. The
 * proof must see it: `up` fails by CHECK_FAILED and the store is as it was before. It may pass only where the change is whole after all;
 * of rows that were loaded and are gone a warning is enough, because the application may have deleted them.
 */
export async function proveTampering(stage: Stage, options: ConformanceOptions, scenario: Scenario): Promise<void> {
  const migrations = migrationsOf(scenario);
  const { type } = scenario.operation;
  const { before, after, upPlaces, downPlaces } = await undisturbed(stage, scenario);
  const own = (places: readonly string[]): number => places.filter((place) => place.startsWith(`${type}.`)).length;
  const [upCount, downCount] = [own(upPlaces), own(downPlaces)];

  const { tamper_points: points = 1 } = options;
  const name = `${type} ${scenario.title} tampered`;
  const tamperings = [
    nothing,
    ...(upCount === 0 ? [] : scattered(upCount, points, name)).map(stoppedAt),
    ...scattered(downCount + 1, points, `${name} back`).map(takenBackUntil),
  ];
  for (const tampering of tamperings) {
    const session = withExecute(stage.session, type, tampering.execute);
    let told = false;
    const emit = (event: RunEvent) => {
      if (event.kind === 'checked' && event.moment === 'after') told = event.checks.some(({ status }) => status === 'WARNING');
    };
    const error = await up({ session, migrations, emit }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const state = await storeState(stage.session);
    const how = `${tampering.name} (PROPERTY_SEED=${seed})`;
    if (error !== undefined) expectRefusal(error, state, before, how);
    else if (!(told && type === 'load')) expect(state, `up has reported success after a change that was ${how}`).toEqual(after);
    await unlock(stage.session);
    await down({ session: stage.session, migrations }, { to: scenario.before ? '1' : '0' });
    expect(await storeState(stage.session), `down after a change that was ${tampering.name}`).toEqual(before);
  }
}

function expectRefusal(error: unknown, state: StoreState, before: StoreState, name: string): void {
  if (!isPolyshiftError(error, 'CHECK_FAILED')) throw new Error(`a change that was ${name} ended otherwise`, { cause: error });
  expect(state, `up has taken back a change that was ${name}`).toEqual(before);
}

const nothing: Tampering = {
  name: 'not made at all',
  async *execute() {},
};

/** Stops at the nth place, from 1, where a process could be killed. */
function stoppedAt(place: number): Tampering {
  return {
    name: `stopped at place ${place}`,
    execute: (inner, operation, undo, run) => cutShort((context) => inner.execute(operation, undo, context), run, place),
  };
}

/** Makes the whole change, and takes it back as far as the nth place, from 1; wholly where there are fewer. */
function takenBackUntil(place: number): Tampering {
  return {
    name: `taken back as far as place ${place}`,
    async *execute(inner, operation, undo, run) {
      yield* inner.execute(operation, undo, run);
      const aside = { ...run, checkpoint: undefined, save: async () => undefined };
      yield* cutShort((context) => inner.rollback(operation, undo, context), aside, place);
    },
  };
}

async function* cutShort(start: (run: Run) => ReturnType<Execute>, run: Run, place: number): ReturnType<Execute> {
  let passed = 0;
  const fault = async () => {
    if (++passed === place) throw new CutShort();
  };
  try {
    yield* start({ ...run, fault });
  } catch (error) {
    // An adapter has put it into words of its own on its way.
    if (passed < place) throw error;
  }
}

/** The session with another execute for one type of operation. */
function withExecute(session: StoreSession, type: Scenario['operation']['type'], execute: Tampering['execute']): StoreSession {
  const inner = session.operations[type] as unknown as OperationHandler;
  const handler: OperationHandler = {
    plan: (...all) => inner.plan(...all),
    check: (...all) => inner.check(...all),
    prepare: (...all) => inner.prepare(...all),
    execute: (...all) => execute(inner, ...all),
    verify: (...all) => inner.verify(...all),
    rollback: (...all) => inner.rollback(...all),
    discard: (...all) => inner.discard(...all),
  };
  const operations = { ...session.operations, [type]: handler };
  return new Proxy(session, {
    get(target, name) {
      if (name === 'operations') return operations;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
