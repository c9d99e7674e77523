import { down, finalize, status, switchVersions, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { caughtUp, migrationsOf, online, type RunParts } from './online-stage.ts';
import { openStage, type Stage, ways } from './stage.ts';

const operations = [
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'change_type', data: { field_name: 'age', to: 'int32' } },
];

/** Twenty users in both versions. */
async function bothInUse(stage: Stage, inner: readonly object[] = operations): Promise<RunParts> {
  const documents = Array.from({ length: 20 }, (_, n) => ({ _id: n as never, mail: `m${n}`, age: String(n), a: 1, b: 1 }));
  await stage.collection('users').insertMany(documents);
  const runner = { session: stage.session, migrations: migrationsOf(online(inner)) };
  await up(runner);
  return runner;
}

const refusedNow = async (runner: RunParts): Promise<number | undefined> =>
  (await status(runner)).versions?.collections[0]?.refused;
const ended = { version: '1', old_version_ended: true } as const;
const id = (value: unknown): { _id: never } => ({ _id: value as never });

describe.each([...ways, ['without change streams', ['change_streams']] as const])(
  'writes to both versions at once, %s',
  (_name, without) => {
    it('to different fields are put together, to the same field with the same value are one', async () => {
      await using stage = await openStage([...without]);
      const runner = await bothInUse(stage);
      const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
      await users.updateOne(id(1), { $set: { a: 2, mail: 'same' } });
      await fresh.updateOne(id(1), { $set: { b: 3, email: 'same' } });
      await caughtUp(runner);
      expect(await users.findOne(id(1))).toEqual({ _id: 1, mail: 'same', age: '1', a: 2, b: 3 });
      expect(await fresh.findOne(id(1))).toEqual({ _id: 1, email: 'same', age: 1, a: 2, b: 3 });
      expect(await refusedNow(runner)).toBe(0);
      await finalize(runner, ended);
    });

    it('that contradict each other change nothing and are named, until one of them is written again', async () => {
      await using stage = await openStage([...without]);
      const runner = await bothInUse(stage);
      const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
      await users.updateOne(id(1), { $set: { mail: 'old' } });
      await fresh.updateOne(id(1), { $set: { email: 'new' } });
      await users.deleteOne(id(2));
      await fresh.updateOne(id(2), { $set: { email: 'alive' } });
      await users.insertOne({ ...id('x'), mail: 'old', age: '1' });
      await fresh.insertOne({ ...id('x'), email: 'new', age: 1 });
      await caughtUp(runner);
      expect(await refusedNow(runner)).toBe(3);
      expect(await users.findOne(id(1))).toMatchObject({ mail: 'old' });
      expect(await fresh.findOne(id(1))).toMatchObject({ email: 'new' });
      expect(await fresh.findOne(id(2))).toMatchObject({ email: 'alive' });
      await expect(finalize(runner, ended)).rejects.toMatchObject({
        code: 'CHECK_FAILED',
        message: expect.stringContaining('both versions have written email'),
      });
      await expect(switchVersions(runner, { what: 'reads' })).rejects.toMatchObject({ code: 'CHECK_FAILED' });
      await expect(down(runner)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
      await users.updateOne(id(1), { $set: { mail: 'new' } });
      await fresh.deleteOne(id(2));
      await fresh.updateOne(id('x'), { $set: { email: 'old' } });
      await down(runner);
      expect(await users.findOne(id(1))).toMatchObject({ mail: 'new' });
      expect(await users.countDocuments(id(2))).toBe(0);
      expect(await users.findOne(id('x'))).toMatchObject({ mail: 'old' });
    });

    it('that the new version refuses do not fail, are named, and block its way until they fit', async () => {
      await using stage = await openStage([...without]);
      const runner = await bothInUse(stage, [
        ...operations,
        { type: 'create_index', data: { name: 'email', keys: { email: 1 }, unique: true } },
        { type: 'schema_validation', data: { schema: { bsonType: 'object', properties: { a: { maximum: 10 } } } } },
      ]);
      const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
      await users.updateOne(id(1), { $set: { age: 'none' } });
      await users.updateOne(id(2), { $set: { a: 11 } });
      await users.updateOne(id(3), { $set: { mail: 'm4' } });
      await users.updateOne(id(5), { $set: { b: 5 } });
      await caughtUp(runner);
      expect(await fresh.findOne(id(5))).toMatchObject({ b: 5 });
      expect(await refusedNow(runner)).toBe(3);
      await expect(finalize(runner, ended)).rejects.toMatchObject({
        code: 'CHECK_FAILED',
        message: expect.stringContaining('3 writes could not be carried over'),
      });
      // The way back is free: the old version has them.
      await users.updateOne(id(1), { $set: { age: '7' } });
      await users.updateOne(id(2), { $set: { a: 10 } });
      // Two that exchange their keys can only be written in a transaction.
      if (!stage.store.features.transactions) await users.updateOne(id(4), { $set: { mail: 'between' } });
      await caughtUp(runner);
      await users.updateOne(id(4), { $set: { mail: 'm3' } });
      await caughtUp(runner);
      expect(await refusedNow(runner)).toBe(0);
      expect(
        await fresh
          .find({ _id: { $in: [1, 2, 3, 4] as never[] } })
          .sort({ _id: 1 })
          .project({ age: 1, a: 1, email: 1 })
          .toArray(),
      ).toEqual([
        { _id: 1, email: 'm1', age: 7, a: 1 },
        { _id: 2, email: 'm2', age: 2, a: 10 },
        { _id: 3, email: 'm4', age: 3, a: 1 },
        { _id: 4, email: 'm3', age: 4, a: 1 },
      ]);
      await finalize(runner, ended);
    });

    it('that the old version refuses block the way back, and nothing of them is lost', async () => {
      await using stage = await openStage([...without]);
      const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
      await stage.store.db.createCollection('users', { validator: { a: { $lte: 10 } } });
      const runner = await bothInUse(stage, [...operations, { type: 'drop_validation', data: {} }]);
      await fresh.updateOne(id(1), { $set: { a: 11 } });
      await expect(down(runner)).rejects.toMatchObject({
        code: 'WRITTEN_SINCE',
        message: expect.stringContaining('written in the new one'),
      });
      expect(await fresh.findOne(id(1))).toMatchObject({ a: 11 });
      await fresh.updateOne(id(1), { $set: { a: 9 } });
      await down(runner);
      expect(await users.findOne(id(1))).toMatchObject({ a: 9 });
    });
  },
);

it('documents that do not fit are found before anything is changed, or the change is taken back', async () => {
  await using stage = await openStage();
  await stage.collection('users').insertMany([
    { ...id(1), age: 'none', mail: 'x' },
    { ...id(2), mail: 'x' },
  ]);
  const runner = (inner: readonly object[]): RunParts => ({ session: stage.session, migrations: migrationsOf(online(inner)) });
  await expect(up(runner(operations))).rejects.toMatchObject({
    code: 'CHECK_FAILED',
    message: expect.stringContaining('before online_change'),
  });
  const unique = [operations[0]!, { type: 'create_index', data: { name: 'email', keys: { email: 1 }, unique: true } }];
  await expect(up(runner(unique))).rejects.toMatchObject({
    code: 'CHECK_FAILED',
    message: expect.stringContaining('after online_change'),
  });
  expect((await stage.session.introspect()).collections).toHaveProperty('users');
  expect((await stage.session.introspect()).collections).not.toHaveProperty('users_v0001');
  await stage.collection('users').createIndex({ mail: 1, _id: 1 }, { unique: true, name: 'old' });
  await expect(up(runner(operations.slice(0, 1)))).rejects.toMatchObject({
    message: expect.stringContaining('the unique index old'),
  });
});

it('a version that somebody has dropped is not taken for one whose documents were deleted', async () => {
  await using stage = await openStage();
  const runner = await bothInUse(stage);
  await stage.collection('users_v0001').drop();
  await expect(caughtUp(runner)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
  await stage.store.db.createCollection('users_v0001');
  await expect(caughtUp(runner)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
  expect(await stage.collection('users').countDocuments()).toBe(20);
});
