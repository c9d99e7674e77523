import { doctor, down, type Migration, type RunEvent, type StoreSession, status, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const day = 86_400_000;

/** A version that gives each row another name, and so keeps three images. */
const change = (version: string): Migration =>
  migration(version, [{ type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name: `n${version}` } }] } }]);

/** Makes a version as old as this, as the history tells it. */
async function age(session: StoreSession, version: string, days: number): Promise<void> {
  const record = (await session.journal.get('history', version))!;
  await session.journal.put('history', version, { ...record, applied_at: new Date(Date.now() - days * day).toISOString() });
}

describe.each(stores)('limits of undo on $name', (store) => {
  const migrations = () => [people(store.key), change('2'), change('3')];

  it('shows what can be taken back, until when, and how much is kept for it', async () => {
    await onStore(store, async (session) => {
      const options = { session, migrations: migrations() };
      await up(options);
      const open = await status(options);
      expect(open).toMatchObject({
        keep_undo: null,
        migrations: [{}, { undo: 'exact', undo_until: null, kept: { rows: 3 } }, { kept: { rows: 3 } }],
      });
      expect(open.kept.rows).toBe(open.migrations.reduce((sum, { kept }) => sum + kept!.rows, 0));
      expect(open.kept.bytes).toBeGreaterThan(0);
      const limited = await status({ ...options, keep_undo: { age_ms: 7 * day } });
      const [, second] = limited.migrations;
      expect(Date.parse(second!.undo_until!) - Date.parse(second!.applied_at!)).toBe(7 * day);
      await down(options);
      expect((await status(options)).migrations[2]).toMatchObject({ state: 'rolled_back', undo: 'not_applied', kept: null });
    });
  });

  it('up makes final what is older than the limit, once it is proven, and says so', async () => {
    await onStore(store, async (session) => {
      const events: RunEvent[] = [];
      const options = {
        session,
        migrations: migrations(),
        keep_undo: { age_ms: 30 * day },
        emit: (event: RunEvent) => void events.push(event),
      };
      expect((await up(options)).retention).toEqual({ finalized: [], kept: [] });
      await age(session, '2', 31);
      const { retention } = await up(options);
      expect(retention).toMatchObject({
        finalized: [{ version: '2', reason: 'age', steps: 1, rows: 3, operations: [{ proof: 'journal' }] }],
        kept: [],
      });
      expect(events.filter(({ kind }) => kind === 'finalized')).toMatchObject([{ migration: { version: '2' } }]);
      expect((await status(options)).migrations.map(({ undo }) => undo)).toEqual(['exact', 'finalized', 'exact']);
      await down(options);
      await expect(down(options)).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
    });
  });

  it('up makes the oldest final beyond the size, but never the newest, and says that', async () => {
    await onStore(store, async (session) => {
      const events: RunEvent[] = [];
      const options = { session, migrations: migrations(), emit: (event: RunEvent) => void events.push(event) };
      await up(options);
      const { migrations: lines } = await status(options);
      const [first, second, third] = lines.map(({ kept }) => kept!.bytes!);
      expect(third).toBeGreaterThan(0);
      const enough = { ...options, keep_undo: { bytes: second! + third! } };
      expect((await up(enough)).retention!.finalized.map(({ version }) => version)).toEqual(first === 0 ? [] : ['1']);
      const little = { ...options, keep_undo: { bytes: third! - 1 } };
      const [finding] = (await doctor(little)).findings;
      expect(finding!.finding).toContain(`${third! - 1} are allowed`);
      const { retention } = await up(little);
      expect(retention).toMatchObject({
        finalized: [{ version: '2', reason: 'size' }],
        kept: [{ version: '3', because: 'newest', message: expect.stringContaining('it is the newest version') }],
      });
      expect(events.at(-1)).toMatchObject({ kind: 'undo_kept', migration: { version: '3' } });
      expect((await status(options)).migrations[2]!.undo).toBe('exact');
      await down(options);
    });
  });

  it('doctor names what is kept aside and belongs to nobody', async () => {
    await onStore(store, async (session) => {
      const options = { session, migrations: migrations() };
      await up(options);
      expect(await doctor(options)).toEqual({ healthy: true, findings: [], notes: [] });
      // Struck from the journal by hand: nobody knows any more what belongs to it.
      await session.journal.delete('step', '2/00000');
      const { findings } = await doctor(options);
      expect(findings).toMatchObject([
        {
          finding: expect.stringContaining('belong to no operation'),
          details: expect.arrayContaining([expect.stringContaining('2_0')]),
        },
      ]);
    });
  });
});
