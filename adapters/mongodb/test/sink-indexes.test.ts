import type { SinkTarget } from '@polyshift/core';
import { leasedRun } from '@polyshift/testkit/conformance';
import { expect, it } from 'vitest';
import { openStage } from './stage.ts';

const target: SinkTarget = {
  collection: 'people',
  columns: [],
  dynamic: true,
  key: ['_id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load_1',
};

it('keeps indexes that applications cannot do without, and brings the others back exactly as they were', async () => {
  await using stage = await openStage();
  const people = stage.collection('people');
  await people.insertOne({ name: 'a', at: new Date(0) });
  await people.createIndexes([
    { key: { email: 1 }, name: 'unique', unique: true, partialFilterExpression: { email: { $exists: true } } },
    { key: { at: 1 }, name: 'expiring', expireAfterSeconds: 3_000_000_000 },
    { key: { about: 'text' }, name: 'search', weights: { about: 3 } },
    { key: { point: '2d' }, name: 'near' },
    { key: { name: -1, 'address.city': 1 }, name: 'plain', sparse: true },
    { key: { name: 'hashed' }, name: 'hashed' },
    {
      key: { name: 1 },
      name: 'partial',
      partialFilterExpression: { age: { $gt: 18 } },
      collation: { locale: 'fr', strength: 1 },
    },
  ]);
  const state = async () => [await stage.session.fingerprint('people'), await stage.session.introspect(['people'])];
  const before = await state();
  const sink = stage.session.sink!;
  const indexes = sink.indexes!;
  const { undo } = await sink.plan(target);
  const { dropped, stays } = await indexes.plan(target);
  expect(dropped.map(({ name }) => name)).toEqual(['hashed', 'partial', 'plain']);
  expect(Object.fromEntries(stays.map(({ name, why }) => [name, why]))).toEqual({
    _id_: 'is the index of _id',
    unique: 'keeps documents unique',
    expiring: 'deletes documents that have expired',
    search: 'is what queries of the kind text need, which fail without it',
    near: 'is what queries of the kind 2d need, which fail without it',
  });
  await using leased = await leasedRun(stage.session, 'load_1');
  const { run } = leased;
  for (const index of dropped) await indexes.drop(undo, index, run);
  expect(await indexes.missing(undo, dropped)).toEqual(['hashed', 'partial', 'plain']);
  await people.createIndex({ other: 1 }, { name: 'plain' });
  await expect(indexes.build(undo, dropped[2]!, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await indexes.drop(undo, dropped[2]!, run);
  expect(await indexes.missing(undo, dropped)).toEqual(['hashed', 'partial', 'plain']);
  await people.dropIndex('plain');
  for (const index of dropped) await indexes.build(undo, index, run);
  expect(await indexes.missing(undo, dropped)).toEqual([]);
  expect(await state()).toEqual(before);
  await people.drop();
  await indexes.build(undo, dropped[0]!, run);
  expect(await indexes.missing(undo, dropped)).toEqual([]);
});
