import { doctor, down, finalize, follow, planUp, type RunnerOptions, status, switchVersions, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const rename = {
  type: 'rename_field',
  collection: 'people',
  data: { old_name: 'name', new_name: 'full_name' },
} as const;

const later = migration('3', [{ type: 'create_index', collection: 'people', data: { name: 'by_name', keys: { full_name: 1 } } }]);

describe.each(stores)('two versions in use on $name', (store) => {
  /** A store with people in version 1, and a version 2 that renames their field online. */
  async function begun(work: (options: RunnerOptions) => Promise<void>): Promise<void> {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), { ...migration('2', [rename]), online: true }, later];
      const options = { session, migrations };
      await up(options, { to: '1' });
      await work(options);
    });
  }

  it('are made by up, shown by status, and end one by one', async () => {
    await begun(async (options) => {
      const plan = await planUp(options, { to: '2' });
      expect(plan.migrations[0]!.operations).toMatchObject([{ type: 'online_change', collection: 'people' }]);
      const phases = new Set(plan.migrations[0]!.operations[0]!.statements.map(({ phase }) => phase));
      expect([...phases].sort()).toEqual(['contract', 'expand', 'migrate']);

      // The next version waits until one of the two has ended.
      expect(await up(options)).toMatchObject({ to_version: '2', migrations: [{ version: '2', outcome: 'applied' }] });
      await expect(up(options)).rejects.toMatchObject({ code: 'VERSION_OPEN', message: expect.stringContaining('version 3') });
      const shown = await status(options);
      expect(shown).toMatchObject({
        pending: 1,
        versions: { version: '2', reads: 'old', writes: 'old', next: 'polyshift switch reads' },
        new_version: { version: '2', reads: 'old', writes: 'old' },
      });
      expect(shown.versions!.collections).toMatchObject([{ collection: 'people', refused: 0 }]);
      expect(shown.versions!.blocked_by).toContain('writes are still with the old version');
      expect((await verify(options)).checks.filter((check) => check.status === 'FAILED')).toEqual([]);
      expect((await doctor(options)).findings).toEqual([]);
      // A follower may go round for weeks: it leaves no record for each round.
      const runs = (await options.session.journal.list('run')).length;
      expect(await follow(options, { once: true })).toMatchObject({ version: '2' });
      expect(await options.session.journal.list('run')).toHaveLength(runs);

      await expect(finalize(options, { version: '2' })).rejects.toMatchObject({ code: 'VERSION_OPEN' });
      await expect(switchVersions(options, { what: 'writes' })).rejects.toMatchObject({ code: 'VERSION_OPEN' });
      expect(await switchVersions(options, { what: 'reads' })).toMatchObject({ reads: 'new', writes: 'old', unchanged: false });
      expect(await switchVersions(options, { what: 'reads' })).toMatchObject({ reads: 'new', unchanged: true });
      expect(await switchVersions(options, { what: 'writes' })).toMatchObject({ reads: 'new', writes: 'new' });
      await expect(switchVersions(options, { what: 'reads', to: 'old' })).rejects.toMatchObject({ code: 'VERSION_OPEN' });
      expect((await status(options)).versions).toMatchObject({ next: 'polyshift finalize 2', blocked_by: [] });

      // Age alone never ends a version.
      expect(await finalize(options, { older_than_ms: 0 })).toMatchObject({ kept: [{ version: '2', because: 'open' }] });
      expect(await finalize(options, { version: '2' })).toMatchObject({ finalized: [{ version: '2', steps: 1 }] });
      expect(await status(options)).toMatchObject({ versions: null, new_version: null });
      await expect(down(options)).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
      const kept = (await options.session.journal.get('checkpoint', 'schema'))!.data['collections'] as Record<string, unknown>;
      expect(kept[store.name === 'mongodb' ? 'people_v2' : 'people']).toMatchObject({ name: expect.stringContaining('people') });
      expect((await verify(options)).checks.filter((check) => check.status === 'FAILED')).toEqual([]);
      await expect(switchVersions(options, { what: 'reads' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
      expect(await follow(options)).toMatchObject({ version: null });
    });
  });

  it('are one again after down, and what was decided is forgotten', async () => {
    await begun(async (options) => {
      const before = await options.session.fingerprint('people');
      await up(options);
      await switchVersions(options, { what: 'reads' });
      await switchVersions(options, { what: 'writes' });
      await switchVersions(options, { what: 'writes', to: 'old' });
      await switchVersions(options, { what: 'reads', to: 'old' });
      await switchVersions(options, { what: 'reads' });
      await down(options);
      expect(await options.session.fingerprint('people')).toEqual(before);
      expect((await status(options)).versions).toBeNull();
      await up(options);
      expect((await status(options)).versions).toMatchObject({ reads: 'old', writes: 'old' });
      await down(options);
    });
  });

  it('goes on in the form in which it was begun', async () => {
    await begun(async (options) => {
      const stop = new AbortController();
      const place = (at: string) => {
        if (at.startsWith('online_change.')) stop.abort();
      };
      await expect(up({ ...options, signal: stop.signal, fault: place })).rejects.toMatchObject({ exit: 5 });
      await expect(finalize(options, { version: '2' })).rejects.toMatchObject({ code: 'UNFINISHED_RUN' });
      // Without `online` the file would be run in place.
      const plain = options.migrations.map(({ online: _online, ...each }) => each);
      await up({ ...options, migrations: plain }, { to: '2' });
      expect((await status({ ...options, migrations: plain })).versions).toMatchObject({ version: '2' });
      await down(options);
    });
  });

  it('is refused for what has no online form, before anything is changed', async () => {
    await onStore(store, async (session) => {
      const drop = migration('2', [{ type: 'drop_collection', collection: 'people', data: {} }]);
      const options = { session, migrations: [people(store.key), drop] };
      await up(options, { to: '1' });
      const before = await session.fingerprint('people');
      await expect(up(options, { online: true })).rejects.toMatchObject({ code: 'ONLINE_REFUSED', hint: expect.any(String) });
      await expect(planUp(options, { online: true })).rejects.toMatchObject({ code: 'ONLINE_REFUSED' });
      expect(await session.fingerprint('people')).toEqual(before);
      expect(await status(options)).toMatchObject({ current_version: '1', unfinished: false });
    });
  });
});
