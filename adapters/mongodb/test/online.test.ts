import { down, finalize, switchVersions, up } from '@polyshift/core';
import { Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { migrationsOf, online } from './online-stage.ts';
import { openStage, ways } from './stage.ts';

const renamed = online([
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
]);

describe.each([...ways, ['without change streams', ['change_streams']] as const])('an online change, %s', (_name, without) => {
  it('makes a new version that keeps its name, and goes back', async () => {
    await using stage = await openStage([...without]);
    const users = stage.collection('users');
    await users.insertMany(
      Array.from({ length: 120 }, (_, n) => ({ _id: n as never, mail: `m${n}`, age: n, deep: { 10: 1, 9: [n, null] } })),
    );
    const before = await stage.session.fingerprint('users');
    const runner = { session: stage.session, migrations: migrationsOf(renamed) };
    await up(runner);
    const fresh = stage.collection('users_v0001');
    expect(await fresh.countDocuments()).toBe(120);
    expect(await fresh.findOne({ _id: 7 as never }, { promoteLongs: false })).toEqual({
      _id: 7,
      email: 'm7',
      age: Long.fromNumber(7),
      deep: { 9: [7, null], 10: 1 },
    });
    await down(runner);
    expect(await stage.session.fingerprint('users')).toEqual(before);
    expect(
      (await stage.store.db.listCollections().toArray()).map(({ name }) => name).filter((name) => name.startsWith('users')),
    ).toEqual(['users']);
    await up(runner);
    await users.updateOne({ _id: 1 as never }, { $set: { mail: 'old wrote' } });
    await users.deleteOne({ _id: 2 as never });
    await users.insertOne({ _id: 'new' as never, mail: 'x', age: 3, extra: { y: 1 } });
    await fresh.updateOne({ _id: 3 as never }, { $set: { email: 'new wrote' } });
    await fresh.deleteOne({ _id: 4 as never });
    await fresh.insertOne({ _id: 'newer' as never, email: 'y', age: Long.fromNumber(4) });
    await fresh.updateOne({ _id: 1 as never }, { $set: { age: Long.fromNumber(99) } });
    await switchVersions(runner, { what: 'reads' });
    await switchVersions(runner, { what: 'writes' });
    await finalize(runner, { version: '1' });
    expect(await fresh.findOne({ _id: 1 as never })).toMatchObject({ email: 'old wrote', age: 99 });
    expect(await fresh.findOne({ _id: 'new' as never })).toMatchObject({ email: 'x', age: 3, extra: { y: 1 } });
    expect(await fresh.countDocuments()).toBe(120);
    expect(
      (await stage.store.db.listCollections().toArray())
        .map(({ name }) => name)
        .filter((name) => !/^polyshift_(steps|runs|lock|meta|checkpoints)$/.test(name))
        .sort(),
    ).toEqual(['schema_versions', 'users_v0001']);
  });
});
