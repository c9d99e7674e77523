import { down, finalize, status, switchVersions, up } from '@polyshift/core';
import { Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { caughtUp, collections, migrationsOf, online, type RunParts } from './online-stage.ts';
import { openStage, ways } from './stage.ts';

const id = (value: unknown): { _id: never } => ({ _id: value as never });
const ended = { version: '1', old_version_ended: true } as const;
const split = { split: [{ into: 'addresses', fields: ['street', 'city'] }] };
const merge = { merge: [{ from: 'profiles', fields: ['bio', 'avatar'], key: ['user_id'] }] };
const renamed = [
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
];

const refusedNow = async (runner: RunParts): Promise<number | undefined> =>
  (await status(runner)).versions?.collections[0]?.refused;

describe.each([...ways, ['without change streams', ['change_streams']] as const])('a split and a merge, %s', (_name, without) => {
  it('stand at their places in both versions, and go back', async () => {
    await using stage = await openStage([...without]);
    const users = stage.collection('users');
    const profiles = stage.collection('profiles');
    await users.insertMany([
      { ...id(1), mail: 'a', street: 'S', age: 1, city: 'C' },
      { ...id(2), mail: 'b', city: null, age: 2 },
      { ...id(3), mail: 'c', age: 3 },
    ]);
    await profiles.createIndex({ user_id: 1 }, { unique: true });
    await profiles.insertMany([
      { ...id('p1'), user_id: 1, bio: 'one', avatar: { url: 'x', 9: 1 } },
      { ...id('p3'), bio: 'three', user_id: 3 },
    ]);
    const before = [await stage.session.fingerprint('users'), await stage.session.fingerprint('profiles')];
    const runner = { session: stage.session, migrations: migrationsOf(online(renamed, { ...split, ...merge })) };
    await up(runner);
    expect(await collections(stage)).toEqual(expect.arrayContaining(['addresses', 'profiles', 'users', 'users_v0001']));
    const fresh = stage.collection('users_v0001');
    const addresses = stage.collection('addresses');
    expect(await fresh.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, email: 'a', age: 1, bio: 'one', avatar: { url: 'x', 9: 1 } },
      { _id: 2, email: 'b', age: 2 },
      { _id: 3, email: 'c', age: 3, bio: 'three' },
    ]);
    expect(await addresses.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, street: 'S', city: 'C' },
      { _id: 2, city: null },
    ]);
    expect((await status(runner)).versions!.collections[0]!.new_version).toEqual({
      collections: { users: 'users_v0001', addresses: 'addresses' },
    });
    await down(runner);
    expect([await stage.session.fingerprint('users'), await stage.session.fingerprint('profiles')]).toEqual(before);
    expect(await collections(stage)).toEqual(['profiles', 'users']);
    await up(runner);
    await users.updateOne(id(1), { $set: { city: 'D' }, $unset: { street: 1 } });
    await users.updateOne(id(2), { $unset: { city: 1 } });
    await profiles.updateOne({ user_id: 3 }, { $set: { bio: '3', avatar: null } });
    await profiles.deleteOne({ user_id: 1 });
    await caughtUp(runner);
    expect(await addresses.find().toArray()).toEqual([{ _id: 1, city: 'D' }]);
    expect(await fresh.findOne(id(1))).toEqual({ _id: 1, email: 'a', age: 1 });
    expect(await fresh.findOne(id(3))).toEqual({ _id: 3, email: 'c', age: 3, bio: '3', avatar: null });
    await addresses.insertOne({ ...id(3), street: 'new' });
    await addresses.updateOne(id(1), { $set: { city: 'E' } });
    await fresh.updateOne(id(2), { $set: { bio: 'two' } });
    await fresh.updateOne(id(3), { $unset: { bio: 1, avatar: 1 } });
    await fresh.insertOne({ ...id(4), email: 'd', age: Long.fromNumber(4), avatar: 'v' });
    await addresses.insertOne({ ...id(4), city: 'F', street: 'G' });
    await caughtUp(runner);
    expect(await users.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, mail: 'a', age: 1, city: 'E' },
      { _id: 2, mail: 'b', age: 2 },
      { _id: 3, mail: 'c', age: 3, street: 'new' },
      { _id: 4, mail: 'd', age: 4, city: 'F', street: 'G' },
    ]);
    expect(
      await profiles
        .find({}, { projection: { _id: 0 } })
        .sort({ user_id: 1 })
        .toArray(),
    ).toEqual([
      { user_id: 2, bio: 'two' },
      { user_id: 4, avatar: 'v' },
    ]);
    await fresh.deleteOne(id(4));
    await users.deleteOne(id(1));
    await caughtUp(runner);
    expect(await users.countDocuments()).toBe(2);
    expect(await fresh.countDocuments()).toBe(2);
    expect(await addresses.find().toArray()).toEqual([{ _id: 3, street: 'new' }]);
    expect(await profiles.countDocuments()).toBe(1);
    expect(await refusedNow(runner)).toBe(0);
    await switchVersions(runner, { what: 'reads' });
    await switchVersions(runner, { what: 'writes' });
    await finalize(runner, { version: '1' });
    expect(await collections(stage)).toEqual(['addresses', 'users_v0001']);
  });

  it('keep what fits nowhere as refused until it does', async () => {
    await using stage = await openStage([...without]);
    const [users, profiles] = [stage.collection('users'), stage.collection('profiles')];
    await users.insertMany([
      { ...id(1), mail: 'a', city: 'C' },
      { ...id(2), mail: 'b' },
    ]);
    await profiles.createIndex({ user_id: 1 }, { unique: true });
    await profiles.insertOne({ ...id('p1'), user_id: 1, bio: 'one', avatar: 'x' });
    const runner = { session: stage.session, migrations: migrationsOf(online([], { ...split, ...merge })) };
    await up(runner);
    const [fresh, addresses] = [stage.collection('users_v0001'), stage.collection('addresses')];
    await addresses.insertOne({ ...id(7), city: 'of nobody' });
    await addresses.insertOne({ ...id(2), city: 'C', country: 'not named' });
    await profiles.insertMany([
      { ...id('p8'), user_id: 8, bio: 'of nobody' },
      { ...id('p9'), bio: 'without a key' },
    ]);
    await users.updateOne(id(1), { $set: { bio: 'in both' } });
    await caughtUp(runner);
    expect(await refusedNow(runner)).toBe(5);
    await expect(finalize(runner, ended)).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    await users.insertOne({ ...id(7), mail: 'made by the old version' });
    await addresses.updateOne(id(2), { $unset: { country: 1 } });
    await fresh.insertOne({ ...id(8), mail: 'made by the new version' });
    await profiles.updateOne(id('p9'), { $set: { user_id: 2 } });
    await users.updateOne(id(1), { $unset: { bio: 1 } });
    await caughtUp(runner);
    expect(await refusedNow(runner)).toBe(0);
    expect(await users.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, mail: 'a', city: 'C' },
      { _id: 2, mail: 'b', city: 'C' },
      { _id: 7, mail: 'made by the old version', city: 'of nobody' },
      { _id: 8, mail: 'made by the new version' },
    ]);
    expect(await fresh.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, mail: 'a', bio: 'one', avatar: 'x' },
      { _id: 2, mail: 'b', bio: 'without a key' },
      { _id: 7, mail: 'made by the old version' },
      { _id: 8, mail: 'made by the new version', bio: 'of nobody' },
    ]);
    // A key that moves takes the fields along.
    await profiles.updateOne(id('p9'), { $set: { user_id: 7 } });
    await profiles.deleteOne(id('p8'));
    await caughtUp(runner);
    expect(await fresh.findOne(id(2))).toEqual({ _id: 2, mail: 'b' });
    expect(await fresh.findOne(id(7))).toMatchObject({ bio: 'without a key' });
    expect(await fresh.findOne(id(8))).toEqual({ _id: 8, mail: 'made by the new version' });
    await addresses.insertOne({ ...id(9), city: 'of nobody' });
    await expect(down(runner)).rejects.toMatchObject({
      code: 'WRITTEN_SINCE',
      message: expect.stringContaining('addresses has it, and users_v0001 has not'),
    });
    await users.insertOne({ ...id(9), mail: 'i' });
    await down(runner);
    expect(await users.findOne(id(9))).toEqual({ _id: 9, mail: 'i', city: 'of nobody' });
    expect(await profiles.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'p1', user_id: 1, bio: 'one', avatar: 'x' },
      { _id: 'p9', bio: 'without a key', user_id: 7 },
    ]);
    expect(await collections(stage)).toEqual(['profiles', 'users']);
  });
});
