import { down, repair, status, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const append = (version: string, text: string) =>
  migration(version, [
    {
      type: 'migrate_data',
      collection: 'people',
      data: { pipeline: [{ $set: { name: { $concat: ['$name', text] } } }] },
      batch_size: 1,
    },
  ]);

const fails = (version: string) =>
  migration(version, [{ type: 'remove_field', collection: 'nowhere', data: { field_name: 'none' } }]);

/** Stops a run after its first batch. */
function stopper() {
  const stop = new AbortController();
  return { signal: stop.signal, emit: ({ kind }: { kind: string }) => kind === 'progress' && stop.abort() };
}

describe.each(stores)('the order of migrations on $name', (store) => {
  const one = people(store.key);
  const [two, three] = [append('2', '+2'), append('3', '+3')];

  it('refuses a version that was inserted before one that is half done, and finishes that one first once it may come late', async () => {
    await onStore(store, async (session) => {
      await up({ session, migrations: [one] });
      await expect(up({ session, migrations: [one, three], ...stopper() })).rejects.toMatchObject({ code: 'STOPPED' });
      const options = { session, migrations: [one, two, three] };
      await expect(up(options)).rejects.toMatchObject({ code: 'OUT_OF_ORDER' });
      await repair(options, { version: '2', reason: 'it does not matter' });
      await expect(up(options, { to: '2' })).rejects.toMatchObject({ code: 'UNFINISHED_RUN', exit: 5 });
      await up(options);
      expect(await session.count('people', { name: { like: '%+3+2' } })).toBe(3);
    });
  });

  it('takes the version back first that was applied last, though it came late, and proves that one', async () => {
    await onStore(store, async (session) => {
      await up({ session, migrations: [one, three] });
      const before = await session.fingerprint('people');
      const options = { session, migrations: [one, two, three] };
      await repair(options, { version: '2', reason: 'it does not matter' });
      await up(options);
      expect((await verify(options)).checks.filter((check) => check.status === 'FAILED')).toEqual([]);
      expect(await down(options)).toMatchObject({ migrations: [{ version: '2' }] });
      expect(await session.fingerprint('people')).toEqual(before);
      expect(await status(options)).toMatchObject({ current_version: '3', unfinished: false });
    });
  });

  it('finds no drift in what was applied before a version that failed, nor after a run that was cut before its end', async () => {
    await onStore(store, async (session) => {
      await up({ session, migrations: [one] });
      const field = migration('2', [
        { type: 'add_field', collection: 'people', data: { field_name: 'tier', type: 'text', default_value: 'gold' } },
      ]);
      await expect(up({ session, migrations: [one, field, fails('3')] })).rejects.toMatchObject({ code: 'CHECK_FAILED' });
      const options = { session, migrations: [one, field] };
      expect((await verify(options)).checks.filter((check) => check.status !== 'PASS')).toEqual([]);
      const cut = (place: string) => {
        if (place === 'history.rolled_back') throw new Error('the process is gone');
      };
      await expect(down({ ...options, fault: cut })).rejects.toThrow('the process is gone');
      const drift = (await verify(options)).checks.filter((check) => check.check === 'drift');
      expect(drift).toMatchObject([{ status: 'WARNING', action: expect.stringContaining('polyshift up') }]);
    });
  });
});
