import { status, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migrationOf, openStage, type Stage } from './stage.ts';

const rename = migrationOf({
  type: 'rename_field',
  collection: 'users',
  data: { old_name: 'mail', new_name: 'email' },
  batch_size: 10,
});

async function users(stage: Stage): Promise<void> {
  await stage.send('PUT', 'users_v1', {
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    mappings: { properties: { mail: { type: 'keyword' } } },
    aliases: { [`${stage.prefix}users`]: {} },
  });
  for (let id = 0; id < 12; id++) await stage.send('PUT', `users_v1/_doc/${id}`, { mail: `m${id}` });
}

/** Deletes one document of the index that is built, and changes another one, as somebody does who takes it for a free one. */
async function tamper(stage: Stage): Promise<void> {
  await stage.send('DELETE', 'users_v2/_doc/3');
  await stage.send('PUT', 'users_v2/_doc/4', { email: 'tampered' });
}

describe('an index is swapped only behind its proof', () => {
  it.each([
    ['while it is filled', 'rename_field.copied', /before .*users_v2 takes the place of/],
    ['in the last moment', 'rename_field.blocked', /documents/],
  ])('a copy that was touched %s is refused, and nothing is lost', async (_when, place, message) => {
    await using stage = await openStage();
    await users(stage);
    const before = await stage.session.fingerprint('users');
    let touched = 0;
    const fault = async (at: string): Promise<void> => {
      // Of the batches the last one, so that no later one writes it again.
      if (at !== place || ++touched < (place.endsWith('copied') ? 2 : 1)) return;
      await tamper(stage);
    };
    const runner = { session: stage.session, migrations: [rename] };
    await expect(up({ ...runner, fault })).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringMatching(message),
    });
    expect(touched).toBeGreaterThan(0);
    expect(await stage.session.fingerprint('users')).toEqual(before);
    await stage.send('PUT', 'users/_doc/new', { mail: 'late' });
    await up(runner);
    expect(await stage.source('users', '3')).toBe('{"email":"m3"}');
    expect(await stage.session.count('users')).toBe(13);
  });

  it('a copy that was touched before a resume is refused by the resumed run', async () => {
    await using stage = await openStage();
    await users(stage);
    const before = await stage.session.fingerprint('users');
    const runner = { session: stage.session, migrations: [rename] };
    const stop = new AbortController();
    let batches = 0;
    const fault = (at: string): void => void (at === 'rename_field.copied' && ++batches === 2 && stop.abort());
    await expect(up({ ...runner, fault, signal: stop.signal })).rejects.toMatchObject({ code: 'STOPPED' });
    expect((await status(runner)).unfinished).toBe(true);
    await tamper(stage);
    await expect(up(runner)).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    expect(await stage.session.fingerprint('users')).toEqual(before);
  });
});
