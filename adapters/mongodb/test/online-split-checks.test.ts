import { planUp, type StoreSession, up } from '@polyshift/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrationsOf, online } from './online-stage.ts';
import { openStage, type Stage, Step } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.collection('users').insertMany([
    { _id: 1 as never, mail: 'a', street: 'S', city: 'C' },
    { _id: 2 as never, mail: 'b', bio: 'of its own' },
  ]);
  await stage.collection('users').createIndex({ city: 1, mail: 1 }, { name: 'city_mail' });
  await stage.collection('taken').insertOne({ n: 1 });
  await stage.collection('profiles').insertOne({ _id: 1 as never, bio: 'b', avatar: 'a' });
  await stage.collection('lone').insertOne({ _id: 7 as never, note: 'n' });
  await stage.collection('noted').insertOne({ user_id: 1, note: 'n' });
  await stage.store.db.createCollection('nothing');
  await stage.store.db.createCollection('capped', { capped: true, size: 1000 });
  await stage.store.db.createCollection('strict', { validator: { $jsonSchema: { required: ['city'] } } });
});

afterAll(() => stage[Symbol.asyncDispose]());

const split = (more: object): object => ({ split: [{ into: 'addresses', fields: ['street'], ...more }] });
const merge = (more: object): object => ({ merge: [{ from: 'profiles', ...more }] });

it.each([
  ['a name that is taken', split({ into: 'taken' }), 'there is a collection taken already'],
  ['a name twice', { ...split({ into: 'profiles' }), ...merge({ fields: ['avatar'] }) }, 'profiles is named twice'],
  ['its own name', split({ into: 'users' }), 'users is named twice'],
  ['a key of two fields', split({ key: ['a', 'b'] }), 'the key of addresses is not one field'],
  ['the key among the fields', split({ key: ['street'] }), 'street is the key of addresses and one of its fields'],
  ['a field within a document', split({ fields: ['at.city'] }), 'at.city cannot stand in another collection'],
  [
    'a field that an operation changes',
    { ...split({}), operations: [{ type: 'remove_field', data: { field_name: 'street' } }] },
    'remove_field changes street',
  ],
  [
    'a field that an operation writes',
    { ...split({}), operations: [{ type: 'migrate_data', data: { pipeline: [{ $set: { street: 1 } }] } }] },
    'migrate_data changes street',
  ],
  ['an index over fields of both', split({ fields: ['city'] }), 'the index city_mail is over fields that do not stand together'],
  ['fields that would be lost', merge({ fields: ['avatar'] }), 'documents of profiles have bio, which would be lost'],
  ['a field that is there already', merge({}), 'users has a field bio itself, in 2'],
  ['documents of nobody', merge({ from: 'lone' }), 'documents of lone belong to none of users: 7'],
  ['a key that is not unique', merge({ from: 'noted', key: ['user_id'] }), 'noted has no unique index over user_id alone'],
  ['no fields', merge({ from: 'nothing' }), 'nothing has no fields to merge'],
  ['a collection that is not there', merge({ from: 'nowhere' }), 'there is no collection nowhere'],
  ['a capped collection', merge({ from: 'capped' }), 'capped is capped'],
])('a check names %s', async (_title, data, message) => {
  const { operations = [], ...more } = data as { operations?: object[] };
  const step = new Step(stage.session as StoreSession, online(operations, more) as never);
  const failed = (await step.check()).filter(({ status }) => status === 'FAILED');
  expect(failed.map((check) => check.message).join('\n')).toContain(message);
  for (const { action } of failed) expect(action).toBeTruthy();
});

it('a validator that requires what is split off is named', async () => {
  const operation = { ...online([], split({ fields: ['city'] })), collection: 'strict' };
  const failed = (await new Step(stage.session, operation as never).check()).filter(({ status }) => status === 'FAILED');
  expect(failed.map(({ check }) => check)).toEqual(['split_validation']);
});

it('the plan has the statements for the parts, and indexes go where their fields go', async () => {
  await using own = await openStage();
  await own.collection('users').insertOne({ mail: 'a', city: 'C' });
  await own.collection('users').createIndex({ city: 1 }, { name: 'city', unique: true });
  await own.collection('users').createIndex({ mail: 1 }, { name: 'mail' });
  await own.store.db.createCollection('profiles');
  await own.collection('profiles').createIndex({ user_id: 1 }, { unique: true });
  const change = online([], {
    split: [{ into: 'addresses', fields: ['city'], key: ['user_id'] }],
    merge: [{ from: 'profiles', fields: ['bio'], key: ['user_id'] }],
  });
  const runner = { session: own.session, migrations: migrationsOf(change) };
  const { statements } = (await planUp(runner)).migrations[0]!.operations[0]!;
  const text = (phase: string): string =>
    statements
      .filter((each) => each.phase === phase)
      .map(({ statement }) => statement)
      .join('\n');
  expect(text('expand')).toContain('{"create":"addresses"}');
  expect(text('expand')).toContain(
    '"createIndexes":"addresses","indexes":[{"key":{"user_id":1},"name":"user_id_1","unique":true}]',
  );
  expect(text('migrate')).toContain('"update":"profiles"');
  expect(text('contract')).toContain('{"renameCollection":"profiles","to":"polyshift_aside_?"}');
  await up(runner);
  const { collections } = await own.session.introspect();
  const indexes = (name: string): string[] => collections[name]!.indexes.map((index) => `${index.name} ${index.unique}`);
  expect(indexes('addresses')).toEqual(['city true', 'user_id_1 true']);
  expect(indexes('users_v0001')).toEqual(['mail false']);
});

it('a check says that workers do not copy side by side', async () => {
  const step = new Step(stage.session as StoreSession, online([], { ...split({}), workers: 4 }) as never);
  expect((await step.check()).filter(({ status }) => status === 'WARNING')).toMatchObject([{ check: 'workers' }]);
});
