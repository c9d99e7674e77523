import { down, finalize, unlock, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { collections, migrationsOf, online, type RunParts } from './online-stage.ts';
import { openStage, type Stage, ways } from './stage.ts';

const renamed = online([{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }], {}, 7);
const ended = { version: '1', old_version_ended: true } as const;
const id = (value: unknown): { _id: never } => ({ _id: value as never });

/** Thirty users in both versions. */
async function bothInUse(without: Parameters<typeof openStage>[0]): Promise<{ stage: Stage; runner: RunParts }> {
  const stage = await openStage(without);
  await stage.collection('users').insertMany(Array.from({ length: 30 }, (_, n) => ({ ...id(n), mail: `m${n}`, n })));
  const runner = { session: stage.session, migrations: migrationsOf(renamed) };
  await up(runner);
  return { stage, runner };
}

describe.each([...ways, ['without change streams', ['change_streams']] as const])(
  'the end of a version, %s',
  (_name, without) => {
    it('by finalize is resumed after a stop at any place, with what both applications write meanwhile', async () => {
      const places: string[] = [];
      {
        const { stage, runner } = await bothInUse([...without]);
        await using _stage = stage;
        await finalize({ ...runner, fault: (place) => void places.push(place) }, ended);
      }
      expect(places).toEqual(
        expect.arrayContaining(['online_change.contracting', 'online_change.renamed', 'online_change.ended', 'discarded']),
      );
      const first = places.indexOf('finalize.begun');
      const chosen = [
        first,
        ...['contracting', 'renamed', 'ended'].map((name) => places.indexOf(`online_change.${name}`)),
        places.indexOf('finalize.contracted'),
        places.indexOf('discarded'),
      ];
      const { stage, runner } = await bothInUse([...without]);
      await using _stage = stage;
      for (const [round, stopAt] of chosen.entries()) {
        const name = places[stopAt]!;
        const stopped = finalize(
          {
            ...runner,
            fault: async (place) => {
              if (place !== name) return;
              // The old name is there until it has been renamed; the new version is there all the time.
              const old = (await collections(stage)).includes('users');
              if (old) await stage.collection('users').insertOne({ ...id(`old ${round}`), mail: 'written by the old version' });
              await stage.collection('users_v0001').insertOne({ ...id(`new ${round}`), email: 'written by the new version' });
              throw new Error('stopped');
            },
          },
          ended,
        );
        await expect(stopped, name).rejects.toThrow('stopped');
        await unlock(stage.session);
      }
      await finalize(runner, ended);
      const fresh = stage.collection('users_v0001');
      expect(await fresh.countDocuments({ email: 'written by the old version' })).toBe(2);
      expect(await fresh.countDocuments({ email: 'written by the new version' })).toBe(chosen.length);
      expect(await fresh.countDocuments({ n: { $gte: 0 }, email: { $exists: true } })).toBe(30);
      expect(await collections(stage)).toEqual(['users_v0001']);
    });

    it('by down is resumed after a stop at any place, with what both applications write meanwhile', async () => {
      const places: string[] = [];
      {
        const { stage, runner } = await bothInUse([...without]);
        await using _stage = stage;
        await down({ ...runner, fault: (place) => void places.push(place) });
      }
      const chosen = [...new Set(places.filter((place) => place.startsWith('online_change.')))];
      expect(chosen).toEqual(expect.arrayContaining(['online_change.renamed_back', 'online_change.ended_back']));
      const { stage, runner } = await bothInUse([...without]);
      await using _stage = stage;
      for (const [round, name] of chosen.entries()) {
        let reached = false;
        const stopped = down({
          ...runner,
          fault: async (place) => {
            if (place !== name) return;
            reached = true;
            if ((await collections(stage)).includes('users_v0001'))
              await stage.collection('users_v0001').insertOne({ ...id(`new ${round}`), email: 'written by the new version' });
            await stage.collection('users').updateOne(id(round), { $set: { mail: 'written by the old version' } });
            throw new Error('stopped');
          },
        });
        await expect(stopped, name).rejects.toThrow('stopped');
        expect(reached).toBe(true);
        await unlock(stage.session);
      }
      await down(runner);
      const users = stage.collection('users');
      expect(await users.countDocuments({ mail: 'written by the old version' })).toBe(chosen.length);
      const byNew = chosen.indexOf('online_change.renamed_back');
      expect(await users.countDocuments({ mail: 'written by the new version' })).toBe(byNew);
      expect(await users.countDocuments({ n: { $gte: 0 }, mail: { $exists: true } })).toBe(30);
      expect(await collections(stage)).toEqual(['users']);
    });
  },
);

it('a forgotten application that writes to the old name after its end is found, and what it writes is never dropped', async () => {
  const { stage, runner } = await bothInUse([]);
  await using _stage = stage;
  const users = stage.collection('users');
  const late = async (place: string): Promise<void> => {
    if (place === 'online_change.renamed') await users.insertOne({ ...id('late'), mail: 'late' });
  };
  await expect(finalize({ ...runner, fault: late }, ended)).rejects.toMatchObject({
    code: 'WRITTEN_SINCE',
    message: expect.stringContaining('users is there again, with 1 documents'),
  });
  expect(await users.countDocuments()).toBe(1);
  await stage.collection('users_v0001').insertOne({ ...id('late'), email: 'late' });
  await users.drop();
  await finalize(runner, ended);
  expect(await collections(stage)).toEqual(['users_v0001']);
  expect(await stage.collection('users_v0001').countDocuments()).toBe(31);
});

it('a copy that was stopped anywhere is resumed, and brings nothing back that was deleted, or changed, meanwhile', async () => {
  await using stage = await openStage();
  const users = stage.collection('users');
  await users.insertMany(Array.from({ length: 40 }, (_, n) => ({ ...id(n), mail: `m${n}` })));
  const runner = { session: stage.session, migrations: migrationsOf(renamed) };
  let copied = 0;
  for (const stopAt of [1, 2, 3]) {
    const stopped = up({
      ...runner,
      fault: async (place) => {
        if (place !== 'online_change.copied' || ++copied < stopAt) return;
        // One that was copied, and one that was not.
        await users.deleteMany({ _id: { $in: [stopAt, 40 - stopAt] as never[] } });
        await users.updateMany({ _id: { $in: [stopAt + 3, 36 - stopAt] as never[] } }, { $set: { mail: 'changed' } });
        copied = 0;
        throw new Error('stopped');
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    await unlock(stage.session);
  }
  await up(runner);
  const fresh = stage.collection('users_v0001');
  expect(await fresh.countDocuments()).toBe(34);
  expect(await fresh.countDocuments({ email: 'changed' })).toBe(6);
  expect(await fresh.countDocuments({ mail: { $exists: true } })).toBe(0);
});
