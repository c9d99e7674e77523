import { baseline, doctor, down, repair, status, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const add = (version: string, field: string) =>
  migration(version, [{ type: 'add_field', collection: 'people', data: { field_name: field, default_value: 1 } }]);

describe.each(stores)('the history on $name, amended by hand', (store) => {
  it('says what of a file has changed, and accepts it for a reason; down takes back what was run', async () => {
    await onStore(store, async (session) => {
      const [one, two] = [people(store.key), add('2', 'vip')];
      await up({ session, migrations: [one] });
      const before = await session.fingerprint('people');
      await up({ session, migrations: [one, two] });
      const changed = add('2', 'very_important');
      const options = { session, migrations: [one, changed] };
      await expect(up(options)).rejects.toMatchObject({
        code: 'CHECKSUM_CHANGED',
        message: expect.stringMatching(/field_name was "vip", is "very_important"/),
        hint: expect.stringContaining('polyshift repair 2'),
      });
      const [finding] = (await doctor(options)).findings;
      expect(finding!.choices.map(({ command }) => command)).toEqual([
        'git checkout 2_m2.yaml',
        'polyshift repair 2 --reason "..."',
      ]);
      await expect(repair(options, { reason: ' ' })).rejects.toMatchObject({ code: 'USAGE' });
      await expect(repair(options, { version: '1', reason: 'typo' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
      expect(await repair(options, { version: '2', reason: 'typo' })).toMatchObject([
        { kind: 'checksum', version: '2', was: two.checksum, is: changed.checksum, reason: 'typo' },
      ]);
      expect(await repair(options, { reason: 'again' })).toEqual([]);
      expect((await up(options)).migrations).toEqual([]);
      expect(await status(options)).toMatchObject({
        amendments: [{ kind: 'checksum', version: '2', reason: 'typo' }],
        migrations: [{ file: 'ok' }, { file: 'ok', undo: 'exact' }],
      });
      await down(options);
      expect(await session.fingerprint('people')).toEqual(before);
    });
  });

  it('strikes a version without a file, with what its rollback needs; the store keeps its changes', async () => {
    await onStore(store, async (session) => {
      const [one, two] = [people(store.key), add('2', 'vip')];
      await up({ session, migrations: [one, two] });
      const options = { session, migrations: [one] };
      const renumbered = { ...two, version: '3', file: '3_m2.yaml' };
      await expect(up({ session, migrations: [one, renumbered] })).rejects.toMatchObject({
        code: 'MIGRATION_MISSING',
        message: expect.stringContaining('it was renumbered'),
      });
      const after = await session.fingerprint('people');
      expect(await repair(options, { reason: 'moved to another project' })).toMatchObject([{ kind: 'forgotten', version: '2' }]);
      expect(await session.fingerprint('people')).toEqual(after);
      expect(await status(options)).toMatchObject({ current_version: '1', pending: 0, unfinished: false });
      expect((await verify(options)).checks.filter((check) => check.check === 'files' && check.status === 'FAILED')).toEqual([]);
      expect(await session.journal.list('step', '2/')).toEqual([]);
    });
  });

  it('applies a late version once it may', async () => {
    await onStore(store, async (session) => {
      const [one, two, three] = [people(store.key), add('2', 'vip'), add('3', 'since')];
      await up({ session, migrations: [one, three] });
      const options = { session, migrations: [one, two, three] };
      await expect(up(options)).rejects.toMatchObject({ code: 'OUT_OF_ORDER', hint: expect.stringContaining('repair 2') });
      await repair(options, { version: '2', reason: 'two branches' });
      expect((await up(options)).migrations).toMatchObject([{ version: '2', outcome: 'applied' }]);
      expect(await session.count('people', { vip: 1, since: 1 })).toBe(3);
      expect((await verify(options)).ok).toBe(true);
    });
  });

  it('takes an existing store over without running anything', async () => {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), add('2', 'vip'), add('3', 'since')];
      await up({ session, migrations: migrations.slice(0, 1) });
      await repair({ session, migrations: [] }, { reason: 'as if made by somebody else' });
      const before = await session.fingerprint('people');
      const options = { session, migrations };
      await expect(baseline(options, { version: '9', reason: 'x' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
      expect(await baseline(options, { version: '1', reason: 'production in May' })).toMatchObject([
        { kind: 'baseline', version: '1' },
      ]);
      expect(await session.fingerprint('people')).toEqual(before);
      await expect(baseline(options, { version: '2', reason: 'x' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      expect((await up(options)).migrations.map(({ version }) => version)).toEqual(['2', '3']);
      await down(options, { to: '1' });
      expect(await session.fingerprint('people')).toEqual(before);
      await expect(down(options)).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
      expect((await status(options)).migrations[0]).toMatchObject({ state: 'applied', undo: 'none' });
    });
  });
});
