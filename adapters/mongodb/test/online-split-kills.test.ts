import { down, finalize, up } from '@polyshift/core';
import type { Document } from 'mongodb';
import { expect, it } from 'vitest';
import { Killed, severable } from '../../../packages/testkit/src/conformance/killed.ts';
import type { Features } from '../src/features.ts';
import { openSession } from '../src/session.ts';
import { caughtUp, collections, migrationsOf, online, type RunParts } from './online-stage.ts';
import { openStage, type Stage } from './stage.ts';

const id = (value: unknown): { _id: never } => ({ _id: value as never });
const bare: readonly (keyof Features)[] = ['transactions', 'pipeline_updates', 'snapshot_reads', 'change_streams'];
const change = online(
  [{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }],
  {
    split: [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }],
    merge: [{ from: 'profiles', fields: ['bio'], key: ['user_id'] }],
  },
  2,
);

/** Three users, of which one has no address and one no profile. */
async function begin(without: readonly (keyof Features)[]): Promise<{ stage: Stage; runner: RunParts }> {
  const stage = await openStage(without);
  await stage.collection('users').insertMany([
    { ...id(1), mail: 'a', city: 'A', street: null },
    { ...id(2), mail: 'b' },
    { ...id(3), mail: 'c', city: 'C' },
  ]);
  await stage.collection('profiles').createIndex({ user_id: 1 }, { unique: true });
  await stage.collection('profiles').insertMany([
    { ...id('p1'), user_id: 1, bio: 'one' },
    { ...id('p2'), user_id: 2, bio: { of: 'two' } },
  ]);
  return { stage, runner: { session: stage.session, migrations: migrationsOf(change) } };
}

const isPlace = (at: string): boolean => at.startsWith('online_change.') || at.startsWith('finalize.');

/** The places that a run passes. */
async function placesOf(runner: RunParts, work: (runner: RunParts) => Promise<unknown>): Promise<string[]> {
  const places = new Set<string>();
  await work({ ...runner, fault: (at) => void (isPlace(at) && places.add(at)) });
  return [...places];
}

/** Kills a run where it passes a place first, as a process is killed. */
async function killedAt(
  stage: Stage,
  { migrations }: RunParts,
  place: string,
  work: (runner: RunParts) => Promise<unknown>,
): Promise<void> {
  const victim = severable(openSession(stage.store));
  const fault = (at: string): void => {
    if (at !== place) return;
    victim.sever();
    throw new Killed('killed here');
  };
  await expect(work({ session: victim.session, migrations, fault }), place).rejects.toThrow();
  // Whoever runs next takes over a lock whose time has run out.
  await stage.collection('polyshift_lock').deleteMany({});
}

const all = (stage: Stage, name: string): Promise<Document[]> => stage.collection(name).find().sort({ _id: 1 }).toArray();
const ended = { version: '1', old_version_ended: true } as const;
const fresh = [
  { _id: 1, email: 'a', bio: 'one' },
  { _id: 2, email: 'b', bio: { of: 'two' } },
  { _id: 3, email: 'c' },
];

const named = (...names: readonly string[]): unknown => expect.arrayContaining(names.map((name) => `online_change.${name}`));

it('on the way up they are resumed or taken back after a kill at any place', { timeout: 200_000 }, async () => {
  const { stage, runner } = await begin(bare);
  await using _stage = stage;
  const before = [await stage.session.fingerprint('users'), await stage.session.fingerprint('profiles')];
  const places = await placesOf(runner, up);
  await down(runner);
  expect(places).toEqual(named('part_made', 'announced', 'written', 'copied', 'both'));
  for (const [nth, at] of places.entries()) {
    await killedAt(stage, runner, at, up);
    if (nth % 2 === 0 || at === 'online_change.written') {
      await up(runner);
      expect(await all(stage, 'users_v0001'), at).toEqual(fresh);
      expect(
        (await all(stage, 'addresses')).map(({ _id, ...rest }) => rest),
        at,
      ).toEqual([
        { user_id: 1, city: 'A', street: null },
        { user_id: 3, city: 'C' },
      ]);
    }
    await down(runner);
    expect([await stage.session.fingerprint('users'), await stage.session.fingerprint('profiles')], at).toEqual(before);
    expect(await collections(stage), at).toEqual(['profiles', 'users']);
  }
});

it('at their end they are finished after a kill at any place', { timeout: 200_000 }, async () => {
  const places: string[] = [];
  for (let nth = 0; nth === 0 || nth <= places.length; nth++) {
    const { stage, runner } = await begin([]);
    await using _stage = stage;
    await up(runner);
    if (nth === 0) places.push(...(await placesOf(runner, (options) => finalize(options, ended))));
    const at = places[nth - 1];
    if (at === undefined) continue;
    await killedAt(stage, runner, at, (options) => finalize(options, ended));
    const there = await collections(stage);
    if (there.includes('profiles')) await stage.collection('profiles').updateOne({ user_id: 2 }, { $set: { bio: 'late' } });
    await stage.collection('users_v0001').updateOne(id(3), { $set: { email: 'late' } });
    await stage.collection('addresses').deleteOne({ user_id: 1 });
    await finalize(runner, ended);
    expect(await all(stage, 'users_v0001'), at).toEqual([
      fresh[0],
      { ...fresh[1], bio: there.includes('profiles') ? 'late' : { of: 'two' } },
      { ...fresh[2], email: 'late' },
    ]);
    expect(await stage.collection('addresses').countDocuments(), at).toBe(1);
    expect(await collections(stage), at).toEqual(['addresses', 'users_v0001']);
  }
  expect(places).toEqual(named('contracting', 'renamed', 'renamed_part', 'ended'));
});

it('a document that is deleted while its change is half made is deleted', { timeout: 100_000 }, async () => {
  const { stage, runner } = await begin(bare);
  await using _stage = stage;
  await up(runner);
  const fresh = stage.collection('users_v0001');
  await fresh.updateOne(id(1), { $set: { email: 'x', bio: 'y' } });
  await killedAt(stage, runner, 'online_change.written', caughtUp);
  // The part is written, the document is not yet.
  expect(await stage.collection('profiles').findOne({ user_id: 1 })).toMatchObject({ bio: 'y' });
  expect(await stage.collection('users').findOne(id(1))).toMatchObject({ mail: 'a' });
  await fresh.deleteOne(id(1));
  await stage.collection('addresses').deleteOne({ user_id: 1 });
  await caughtUp(runner);
  expect(await all(stage, 'users')).toMatchObject([{ _id: 2 }, { _id: 3 }]);
  expect(await stage.collection('profiles').countDocuments()).toBe(1);
});

it('on the way back they go on with it after a kill at any place', { timeout: 200_000 }, async () => {
  const places: string[] = [];
  for (let nth = 0; nth === 0 || nth <= places.length; nth++) {
    const { stage, runner } = await begin(bare);
    await using _stage = stage;
    await up(runner);
    await stage.collection('addresses').insertOne({ user_id: 2, city: 'new' });
    await stage.collection('users_v0001').deleteOne(id(1));
    await stage.collection('users_v0001').insertOne({ ...id(4), email: 'd', bio: 'four' });
    if (nth === 0) places.push(...(await placesOf(runner, down)));
    const at = places[nth - 1];
    let city = 'new';
    if (at !== undefined) {
      await killedAt(stage, runner, at, down);
      if ((await collections(stage)).includes('addresses')) {
        city = 'newer';
        await stage.collection('addresses').updateOne({ user_id: 2 }, { $set: { city } });
      }
      await down(runner, { to: '0' });
    }
    expect(await all(stage, 'users'), at).toEqual([
      { _id: 2, mail: 'b', city },
      { _id: 3, mail: 'c', city: 'C' },
      { _id: 4, mail: 'd' },
    ]);
    const profiles = await stage.collection('profiles').find().sort({ user_id: 1 }).toArray();
    expect(
      profiles.map(({ user_id, bio }) => ({ user_id, bio })),
      at,
    ).toEqual([
      { user_id: 2, bio: { of: 'two' } },
      { user_id: 4, bio: 'four' },
    ]);
    expect(await collections(stage), at).toEqual(['profiles', 'users']);
  }
  expect(places).toEqual(named('announced', 'written', 'renamed_back', 'renamed_part', 'ended_back'));
});
