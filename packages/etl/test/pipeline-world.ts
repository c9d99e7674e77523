import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPolyshiftError, type PolyshiftError } from '@polyshift/core';
import { afterAll, beforeAll } from 'vitest';
import {
  type EtlDependencies,
  type EtlEvent,
  type FaultPlace,
  type LoadedSpec,
  parseSpec,
  type SpecInput,
} from '../src/index.ts';
import { memoryAdapter } from './memory-store/adapter.ts';
import { MemoryDatabase } from './memory-store/database.ts';
import { usersDatabase } from './memory-store/users.ts';

/** The folder of the test file's specs and dead letters. */
export let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-'));
});
afterAll(() => rm(folder, { recursive: true }));

export const rules = {
  id: 'id',
  full_name: { type: 'concatenate', fields: ['first_name', 'last_name'], separator: ' ' },
  age_next: { type: 'expression', expression: 'age + 1' },
  created_at: 'created_at',
  city: 'profile.city',
} as const;

export function specOf(
  change: Partial<SpecInput> = {},
  steps: { extract?: object; transform?: object; load?: object } = {},
): SpecInput {
  return {
    name: 'users',
    source: { type: 'memory', url: 'memory:from' },
    target: { type: 'memory', url: 'memory:to' },
    steps: [
      { type: 'extract', source_table: 'users', batch_size: 40, ...steps.extract },
      { type: 'transform', transformation_rules: rules, ...steps.transform },
      { type: 'load', target_table: 'people', batch_size: 25, ...steps.load },
    ],
    ...change,
  } as SpecInput;
}

export interface World {
  from: MemoryDatabase;
  to: MemoryDatabase;
  adapter: ReturnType<typeof memoryAdapter>;
  events: EtlEvent[];
  dependencies(more?: Partial<EtlDependencies>): EtlDependencies;
}

export function worldOf(rows = 300, to = new MemoryDatabase()): World {
  const from = usersDatabase(rows);
  const adapter = memoryAdapter({ from, to });
  const events: EtlEvent[] = [];
  return {
    from,
    to,
    adapter,
    events,
    dependencies: (more = {}) => ({
      resolveAdapter: () => adapter,
      emit: (event) => void events.push(event),
      retry_pause_ms: 1,
      ...more,
    }),
  };
}

export const loaded = (spec: SpecInput): LoadedSpec => parseSpec(spec, { cwd: folder });

export async function failure(call: Promise<unknown>): Promise<PolyshiftError> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isPolyshiftError(error)) throw error ?? new Error('nothing was thrown');
  return error;
}

/** Ends the clients at the n-th time that a place is passed, as the death of the process would. */
export function killAt(world: World, place: FaultPlace, times: number): Partial<EtlDependencies> & { killed: () => boolean } {
  let left = times;
  let killed = false;
  return {
    retries: 0,
    killed: () => killed,
    fault: (passed) => {
      if (passed !== place || killed || --left > 0) return;
      killed = true;
      world.adapter.killAll();
      throw new Error(`killed at ${place}`);
    },
  };
}

/** Lets the time pass in which the lease of a dead process ends. */
export function leaseEnds(world: World): void {
  const lock = world.to.locks.get('etl:users');
  if (lock) lock.expires = 0;
}
