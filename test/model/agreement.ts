import { compareVersions, doctor, status, verify } from '@polyshift/core';
import { expect } from 'vitest';
import { storeState } from '../../packages/testkit/src/conformance/store-state.ts';
import { readRows } from '../matrix/read-rows.ts';
import type { Entry, Model } from './model.ts';
import type { ModelStage } from './model-stage.ts';
import type { WorldRow } from './world.ts';

/** Holds all that can be seen of a store against the model: the history, what status, verify and doctor say, and all data. */
export async function expectAgreement(model: Model, stage: ModelStage): Promise<void> {
  const options = await stage.options(model);
  const seen = await status(options);
  expect(seen.migrations.map(lineSeen)).toEqual(linesOf(model));
  expect({
    current: seen.current_version,
    pending: seen.pending,
    unfinished: seen.unfinished,
    locked: seen.lock !== null,
  }).toEqual({
    current: model.current,
    pending: model.versions.filter((version) => model.entries.get(version)?.state !== 'applied').length,
    unfinished: model.unfinished.length > 0,
    locked: model.locked,
  });
  await expectData(model, stage);
  const problems = model.problems();
  const failed = (await verify(options)).checks.filter((check) => check.status === 'FAILED');
  expect(failed.filter(({ check }) => check === 'files').length, 'files that verify finds wrong').toBe(problems.length);
  if (model.unfinished.length > 0) expect(failed.map(({ check }) => check)).toContain('unfinished');
  else expect(failed.filter(({ check }) => check !== 'files')).toEqual([]);
  const wrong = model.locked || problems.length > 0 || model.unfinished.length > 0;
  expect((await doctor(options)).healthy).toBe(!wrong && model.history.every(({ state }) => state !== 'failed'));
}

/** Holds the data against the model: the rows of all collections that no unfinished migration touches, and the fingerprints. */
export async function expectData(model: Model, stage: ModelStage): Promise<void> {
  const unknown = new Set(model.unfinished.flatMap(({ content }) => content.touches));
  const { world } = model;
  const state = await storeState(stage.session);
  const names = [...new Set([...world.keys(), ...Object.keys(state)])].filter((name) => !unknown.has(name)).sort();
  for (const name of names) {
    expect(state[name] === undefined, `${name} is there`).toBe(!world.has(name));
    const rows = await readRows(stage.session, name, stage.key);
    const seen = [...rows].map(([key, row]) => {
      const fields: [string, string][] = [...row].map(([field, { value }]) => [field, String(value)]);
      return [key, Object.fromEntries(fields.filter(([field]) => field !== stage.key))] as const;
    });
    expect(new Map<string, WorldRow>(seen), `the rows of ${name}`).toEqual(world.get(name));
  }
  if (unknown.size > 0) return;
  const standing = JSON.stringify(model.standing.map(({ content }) => content.id));
  if (!stage.seen.has(standing)) stage.seen.set(standing, state);
  expect(state, `fingerprints with ${standing}`).toEqual(stage.seen.get(standing));
}

interface Line {
  readonly version: string;
  readonly state: string;
  readonly file: string;
  /** Left out where a migration is half done: what can be taken back then is what was begun. */
  readonly undo?: string;
}

function lineSeen({ version, state, file, undo }: Line): Line {
  return state === 'running' || state === 'rolling_back' ? { version, state, file } : { version, state, file, undo: undo! };
}

function linesOf(model: Model): Line[] {
  const versions = [...new Set([...model.entries.keys(), ...model.files.keys()])].sort(compareVersions);
  return versions.map((version) => {
    const entry = model.entries.get(version);
    const state = entry?.state ?? 'pending';
    const content = model.files.get(version);
    const file = !content ? 'missing' : !entry || content.id === entry.accepted ? 'ok' : 'changed';
    return state === 'running' || state === 'rolling_back'
      ? { version, state, file }
      : { version, state, file, undo: undoOf(entry) };
  });
}

function undoOf(entry: Entry | undefined): string {
  if (entry?.state !== 'applied') return 'not_applied';
  return entry.finalized ? 'finalized' : 'exact';
}
