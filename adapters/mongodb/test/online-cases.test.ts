import { down, finalize, up } from '@polyshift/core';
import { BSON, Decimal128, type Document, Double, Int32, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { cases } from './online-cases.ts';
import { caughtUp, migrationsOf, online } from './online-stage.ts';
import { openStage, type Stage, ways } from './stage.ts';

describe.each([...ways, ['without change streams', ['change_streams']] as const])(
  'documents of both versions, %s',
  (_name, without) => {
    it.each(cases)('$title', async ({ operations, more, forward, later = [], back = [], updates = [] }) => {
      await using stage = await openStage([...without]);
      const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
      await users.insertMany(forward.map(([old], index) => ({ _id: index as never, ...old })));
      const before = await stage.session.fingerprint('users');
      const runner = { session: stage.session, migrations: migrationsOf(online(operations, more)) };
      await up(runner);
      for (const [index, [, expected]] of forward.entries())
        expect(await exactly(stage, 'users_v0001', index)).toBe(text({ _id: new Int32(index), ...expected }));
      await down(runner);
      expect(await stage.session.fingerprint('users')).toEqual(before);
      await up(runner);
      if (back.length > 0) await fresh.insertMany(back.map(([made], index) => ({ _id: `new ${index}` as never, ...made })));
      const inserted = later.map(([old], index) => ({ _id: `old ${index}` as never, ...old }));
      if (inserted.length > 0) await users.insertMany(inserted);
      for (const { at, side, update } of updates) {
        await (side === 'old' ? users : fresh).updateOne({ _id: at as never }, update);
        await caughtUp(runner);
      }
      await caughtUp(runner);
      for (const [index, [, expected]] of back.entries())
        expect(await exactly(stage, 'users', `new ${index}`)).toBe(text({ _id: `new ${index}`, ...expected }));
      for (const [index, [, expected]] of later.entries())
        expect(await exactly(stage, 'users_v0001', `old ${index}`)).toBe(text({ _id: `old ${index}`, ...expected }));
      const last = new Map(updates.map((each) => [each.at, each]));
      for (const [at, each] of last) {
        expect(await exactly(stage, 'users', at)).toBe(text({ _id: new Int32(at), ...each.old }));
        expect(await exactly(stage, 'users_v0001', at)).toBe(text({ _id: new Int32(at), ...each.new }));
      }
      await finalize(runner, { version: '1', old_version_ended: true });
      expect(await fresh.countDocuments()).toBe(forward.length + later.length + back.length);
    });
  },
);

function text(document: Document): string {
  return BSON.EJSON.stringify(BSON.deserialize(BSON.serialize(document), { promoteValues: false }), { relaxed: false });
}

async function exactly(stage: Stage, collection: string, id: unknown): Promise<string> {
  const found = await stage.collection(collection).findOne({ _id: id as never }, { promoteValues: false });
  return BSON.EJSON.stringify(found, { relaxed: false });
}

it.each(ways)('_ids of every type that there is, in both directions, %s', async (_name, without) => {
  await using stage = await openStage(without);
  // The stand-in fails on these within a transaction.
  const outsideOfTransactions = [null, new BSON.MinKey(), new BSON.MaxKey()];
  const ids = [
    ...(stage.store.server.stand_in && stage.store.features.transactions ? [] : outsideOfTransactions),
    new Int32(1),
    Long.fromString('9007199254740993'),
    new Double(1.5),
    new Decimal128('2.5'),
    'text',
    new ObjectId(),
    true,
    new Date(5),
    { a: new Int32(1), b: 'x' },
    new BSON.Binary(Buffer.from('ab')),
    new BSON.Timestamp({ t: 1, i: 2 }),
    new BSON.UUID(),
  ];
  const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
  // The driver's own methods would give null another _id.
  await stage.store.db.command({ insert: 'users', documents: ids.map((id) => ({ _id: id, mail: 'm' })) });
  const runner = {
    session: stage.session,
    migrations: migrationsOf(online([{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }])),
  };
  await up(runner);
  expect(await fresh.countDocuments({ email: 'm' })).toBe(ids.length);
  await fresh.updateMany({}, { $set: { email: 'n' } });
  await caughtUp(runner);
  expect(await users.countDocuments({ mail: 'n' })).toBe(ids.length);
  for (const id of ids) await users.deleteOne({ _id: id as never });
  await caughtUp(runner);
  expect(await fresh.countDocuments()).toBe(0);
});
