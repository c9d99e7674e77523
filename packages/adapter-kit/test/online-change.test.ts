import type { JsonObject } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fresh, OnlineStage, old } from './online-stage.ts';

const operations: JsonObject[] = [
  { type: 'rename_field', data: { old_name: 'note', new_name: 'remark' } },
  { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } },
  { type: 'remove_field', data: { field_name: 'legacy' } },
];

async function inUse(): Promise<OnlineStage> {
  const stage = new OnlineStage(operations);
  for (const id of ['a', 'b', 'c', 'd']) stage.store.put(old, id, { id, note: 'n', mail: 'm', legacy: 'l' });
  await stage.up();
  return stage;
}

describe('two versions in use', () => {
  it('keep what only one of them knows when another field of the row is written', async () => {
    const stage = await inUse();
    stage.store.put(fresh, 'a', { id: 'a', remark: 'n', mail: 'm', tier: 'silver' });
    await stage.catchUp();
    stage.store.put(old, 'a', { id: 'a', note: 'n2', mail: 'm', legacy: 'l2' });
    await stage.catchUp();
    expect(stage.row(fresh, 'a')).toEqual({ id: 'a', remark: 'n2', mail: 'm', tier: 'silver' });
    expect(stage.row(old, 'a')).toEqual({ id: 'a', note: 'n2', mail: 'm', legacy: 'l2' });
  });

  it('put writes to different fields of one row together', async () => {
    const stage = await inUse();
    stage.store.put(old, 'a', { id: 'a', note: 'n2', mail: 'm', legacy: 'l' });
    stage.store.put(fresh, 'a', { id: 'a', remark: 'n', mail: 'm2', tier: 'gold' });
    await stage.catchUp();
    expect(stage.row(old, 'a')).toEqual({ id: 'a', note: 'n2', mail: 'm2', legacy: 'l' });
    expect(stage.row(fresh, 'a')).toEqual({ id: 'a', remark: 'n2', mail: 'm2', tier: 'gold' });
    expect(await stage.failed()).toEqual([]);
  });

  it('record writes that contradict each other, overwrite neither, and forget them when they are corrected', async () => {
    const stage = await inUse();
    stage.store.put(old, 'a', { id: 'a', note: 'left', mail: 'm', legacy: 'l' });
    stage.store.put(fresh, 'a', { id: 'a', remark: 'right', mail: 'm', tier: 'gold' });
    await stage.catchUp();
    expect(await stage.refused()).toBe(1);
    expect(stage.row(old, 'a')).toMatchObject({ note: 'left' });
    expect(stage.row(fresh, 'a')).toMatchObject({ remark: 'right' });
    expect(await stage.failed()).toEqual(['refused_writes', 'versions_equal']);
    await expect(stage.contract()).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await expect(stage.rollback()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    stage.store.put(fresh, 'a', { id: 'a', remark: 'left', mail: 'm', tier: 'gold' });
    await stage.catchUp();
    expect(await stage.refused()).toBe(0);
    expect(await stage.failed()).toEqual([]);
  });

  it('record a row that one of them deleted and the other has written', async () => {
    const stage = await inUse();
    stage.store.rows(old).delete('a');
    stage.store.put(fresh, 'a', { id: 'a', remark: 'still here', mail: 'm', tier: 'gold' });
    await stage.catchUp();
    expect(await stage.refused()).toBe(1);
    expect(stage.row(fresh, 'a')).toMatchObject({ remark: 'still here' });
  });

  it('carry deletions over, and let a deleted key come again', async () => {
    const stage = await inUse();
    stage.store.rows(old).delete('a');
    stage.store.rows(fresh).delete('b');
    for (const version of [old, fresh]) stage.store.rows(version).delete('c');
    await stage.catchUp();
    expect(stage.row(fresh, 'a')).toBeUndefined();
    expect(stage.row(old, 'b')).toBeUndefined();
    stage.store.put(old, 'c', { id: 'c', note: 'again' });
    await stage.catchUp();
    expect(stage.row(fresh, 'c')).toEqual({ id: 'c', remark: 'again', tier: 'gold' });
    expect(await stage.failed()).toEqual([]);
  });

  it('take nothing for deleted when a version is gone', async () => {
    const stage = await inUse();
    stage.store.collections.delete(fresh);
    await expect(stage.catchUp()).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
    expect(stage.store.rows(old).size).toBe(4);
  });

  it('end by the new one alone, or by the old one alone, and leave nothing aside', async () => {
    const ended = await inUse();
    ended.store.put(old, 'late', { id: 'late', note: 'x' });
    await ended.contract();
    expect([...ended.store.collections.keys()]).toEqual([fresh]);
    expect(ended.row(fresh, 'late')).toEqual({ id: 'late', remark: 'x', tier: 'gold' });
    const back = await inUse();
    back.store.put(fresh, 'late', { id: 'late', remark: 'x' });
    await back.rollback();
    expect([...back.store.collections.keys()]).toEqual([old]);
    expect(back.row(old, 'late')).toEqual({ id: 'late', note: 'x' });
    for (const { store } of [ended, back]) expect([...store.places.values()].map(({ size }) => size)).toEqual([]);
  });
});

/** What happens between two passes: an application writes or deletes one of its rows, or the next pass is killed at a step. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), row: fc.nat(5), value: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), row: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), killedAt: fc.integer({ min: 1, max: 60 }) }) },
);

describe('passes that are killed anywhere', () => {
  it('lose no write and bring nothing back, where each row has one application that writes it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
        const stage = new OnlineStage(operations);
        for (const row of [0, 1, 2]) stage.store.put(old, `k${row}`, { id: `k${row}`, note: 'seed', legacy: 'l' });
        await stage.up();
        // Even rows are written by the application of the old version, odd ones by that of the new one.
        const wanted = new Map<string, string | undefined>([0, 1, 2].map((row) => [`k${row}`, 'seed']));
        for (const each of happenings) {
          if (each.kind === 'pass') {
            await stage.killedAt(each.killedAt, () => stage.catchUp());
            continue;
          }
          const [key, isOld] = [`k${each.row}`, each.row % 2 === 0];
          const collection = isOld ? old : fresh;
          wanted.set(key, each.kind === 'write' ? `v${each.value}` : undefined);
          if (each.kind === 'delete') stage.store.rows(collection).delete(key);
          else stage.store.put(collection, key, { id: key, [isOld ? 'note' : 'remark']: `v${each.value}` });
        }
        await stage.catchUp();
        expect(await stage.refused()).toBe(0);
        for (const [key, value] of wanted) {
          expect(stage.row(old, key)?.['note'], `${key} in the old version`).toBe(value);
          expect(stage.row(fresh, key)?.['remark'], `${key} in the new version`).toBe(value);
        }
        expect(await stage.failed()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['contract', 'rollback'] as const)('come to the same end by %s', async (end) => {
    for (let nth = 1; ; nth++) {
      const stage = await inUse();
      stage.store.put(old, 'x', { id: 'x', note: 'o' });
      stage.store.put(fresh, 'y', { id: 'y', remark: 'f' });
      if (!(await stage.killedAt(nth, () => stage[end]()))) break;
      await stage[end]();
      const [left, name] = end === 'contract' ? [fresh, 'remark'] : [old, 'note'];
      expect([...stage.store.collections.keys()], `killed at step ${nth}`).toEqual([left]);
      expect(stage.row(left, 'x')?.[name]).toBe('o');
      expect(stage.row(left, 'y')?.[name]).toBe('f');
      expect(Object.keys(stage.store.content(left))).toHaveLength(6);
      expect(stage.store.places.size).toBe(0);
    }
  });

  it('make the new version anew, or resume its copy, while the old one is written', async () => {
    for (let nth = 1; ; nth++) {
      const stage = new OnlineStage(operations);
      for (const id of ['a', 'b', 'c', 'd']) stage.store.put(old, id, { id, note: 'n', legacy: 'l' });
      if (!(await stage.killedAt(nth, () => stage.up()))) break;
      stage.store.put(old, 'a', { id: 'a', note: 'n2', legacy: 'l' });
      stage.store.rows(old).delete('b');
      await stage.up();
      expect(stage.row(fresh, 'a'), `killed at step ${nth}`).toEqual({ id: 'a', remark: 'n2', tier: 'gold' });
      expect(stage.row(fresh, 'b')).toBeUndefined();
      expect(await stage.refused()).toBe(0);
      expect(await stage.failed()).toEqual([]);
    }
  });
});
