import { type AnyOperationInput, doctor, down, finalize, type Migration, type StoreSession, status, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const change = (version: string, name: string): Migration =>
  migration(version, [{ type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name } }] } }]);

/** Ends a run at the nth place of a kind, as a kill would: the error is none that polyshift handles. */
class Killed extends Error {}

const killAt = (nth: number, places: string[] = []) => ({
  places,
  fault: (place: string) => {
    places.push(place);
    if (places.length === nth) throw new Killed(place);
  },
});

async function keptRows(session: StoreSession, ...asides: string[]): Promise<number[]> {
  return Promise.all(asides.map(async (aside) => (await session.keptAside(aside)).rows));
}

describe.each(stores)('finalize on $name', (store) => {
  const two = (): Migration[] => [people(store.key), twoSteps()];

  it('proves each operation again, and deletes nothing where one fails', async () => {
    await onStore(store, async (session) => {
      const options = { session, migrations: two() };
      await up(options);
      const kept = await session.keptAside('2_0');
      expect(kept.rows).toBe(3);
      await undoOutside(session);
      const failure = await finalize(options, { version: '2' }).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'CHECK_FAILED',
        exit: 1,
        message: expect.stringContaining('version 2 cannot be made final'),
      });
      expect(await session.keptAside('2_0')).toEqual(kept);
      expect((await status(options)).migrations[1]).toMatchObject({ undo: 'exact', kept: { rows: expect.any(Number) } });
      await down(options);
      expect(await session.count('people', { name: 'Ann' })).toBe(1);
    });
  });

  it('is finished by the next one after a kill at any place, and nobody takes half of it back', async () => {
    await onStore(store, async (session) => {
      const migrations = two();
      let places: readonly string[] = [];
      for (let nth = 1; ; nth++) {
        await up({ session, migrations });
        const before = await session.fingerprint('people');
        const kill = killAt(nth);
        const error = await finalize({ session, migrations, fault: kill.fault }, { version: '2' }).catch(
          (thrown: unknown) => thrown,
        );
        places = kill.places;
        if (!(error instanceof Killed)) break;
        const half = (await status({ session, migrations })).migrations[1]!;
        if (half.undo === 'exact') {
          // Nothing was deleted yet: it can be taken back still.
          await down({ session, migrations });
          await up({ session, migrations });
        } else {
          expect(['finalizing', 'finalized'], error.message).toContain(half.undo);
          await expect(down({ session, migrations }), error.message).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
          const { findings } = await doctor({ session, migrations });
          if (half.undo === 'finalizing') expect(findings[0]!.choices[0]!.command, error.message).toBe('polyshift finalize 2');
        }
        await finalize({ session, migrations }, { version: '2' });
        expect(await keptRows(session, '2_0', '2_1'), error.message).toEqual([0, 0]);
        expect(await session.fingerprint('people')).toEqual(before);
        expect((await status({ session, migrations })).migrations[1]).toMatchObject({ undo: 'finalized', kept: null });
        await forget(session, '2');
      }
      // Before each deletion the journal says so.
      const order = places.filter((place) => ['finalize.proven', 'finalize.begun', 'discarded'].includes(place));
      expect(order).toEqual(['finalize.proven', 'finalize.begun', 'discarded', 'finalize.begun', 'discarded']);
    });
  });

  it('refuses a version that stopped part-way, and goes by the journal where later versions have changed the same rows', async () => {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), change('2', 'b'), change('3', 'c')];
      const options = { session, migrations };
      await up({ session, migrations: migrations.slice(0, 2) });
      const stop = new AbortController();
      const stopping = up({
        ...options,
        signal: stop.signal,
        fault: (place) => void (place === 'guard' && stop.abort()),
      });
      await expect(stopping).rejects.toMatchObject({ code: 'STOPPED' });
      await expect(finalize(options, { version: '3' })).rejects.toMatchObject({
        code: 'UNFINISHED_RUN',
        message: expect.stringContaining('on its way up'),
      });
      await up(options);
      const report = await finalize(options, { version: '2' });
      expect(report.finalized[0]!.operations).toMatchObject([
        {
          proof: 'journal',
          checks: [
            { check: 'kept_aside' },
            { check: 'journaled_proof', status: 'PASS', message: expect.stringContaining('version 3') },
          ],
        },
      ]);
      const newest = await finalize(options, { version: '3' });
      expect(newest.finalized[0]).toMatchObject({ rows: 3, operations: [{ proof: 'live' }] });
      await expect(finalize(options, { version: '9' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
    });
  });

  it('makes several final by their age, and tells which keep their undo because their proof fails', async () => {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), change('2', 'b'), change('3', 'c')];
      const options = { session, migrations };
      await up(options);
      expect(await finalize(options, { older_than_ms: 3_600_000 })).toEqual({ finalized: [], kept: [] });
      await undoOutside(session);
      const report = await finalize(options, { older_than_ms: 0 });
      expect(report.finalized.map(({ version }) => version)).toEqual(['1', '2']);
      expect(report.kept).toMatchObject([{ version: '3', because: 'check_failed', checks: [{ status: 'FAILED' }] }]);
      expect(await keptRows(session, '2_0', '3_0')).toEqual([0, 3]);
    });
  });

  it('deletes what a removed field has left, whatever its collection is called by then, and tells how a retyped one stands', async () => {
    await onStore(store, async (session) => {
      const migrations = [
        people(store.key),
        migration('2', [
          { type: 'add_field', collection: 'people', data: { field_name: 'age', type: 'int32', default_value: 7 } },
        ]),
        migration('3', [{ type: 'remove_field', collection: 'people', data: { field_name: 'name' } }]),
        migration('4', [{ type: 'change_type', collection: 'people', data: { field_name: 'age', to: 'text' } }]),
        migration('5', [{ type: 'rename_collection', collection: 'people', data: { new_name: 'folk' } }]),
      ];
      const options = { session, migrations };
      await up({ session, migrations: migrations.slice(0, 4) });
      const { finalized } = await finalize(options, { version: '4' });
      expect(finalized).toMatchObject([{ rows: 3, operations: [{ proof: 'live' }] }]);
      expect(finalized[0]!.operations[0]!.checks.some(({ data }) => Object.values(data ?? {}).includes(3))).toBe(true);
      await up(options);
      expect(await keptRows(session, '3_0')).toEqual([3]);
      await finalize(options, { version: '3' });
      expect(await keptRows(session, '3_0')).toEqual([0]);
      expect((await doctor(options)).findings).toEqual([]);
      await down(options);
      expect(await session.count('people')).toBe(3);
    });
  });
});

/** Two operations that keep rows aside. */
function twoSteps(): Migration {
  const set = (name: string): AnyOperationInput => ({
    type: 'migrate_data',
    collection: 'people',
    data: { pipeline: [{ $set: { name } }] },
  });
  return migration('2', [set('x'), set('y')]);
}

/** Brings the rows back to what they were before the newest change, as somebody does who restores them by hand. */
async function undoOutside(session: StoreSession): Promise<void> {
  const steps = await session.journal.list('step');
  const last = steps.filter((step) => step.operation['type'] === 'migrate_data').at(-1)!;
  const operation = last.operation as never;
  const handler = session.operations.migrate_data!;
  const lock = await session.locks.acquire('migrations', { id: 'outside', host: 'h', pid: 1, command: 'by hand' }, 30_000);
  if (!lock.acquired) throw new Error('the lock is held');
  const run = {
    run_id: 'outside',
    version: last.version,
    step: last.index,
    aside: `${last.version}_${last.index}`,
    fence: { lock: 'migrations', token: lock.token },
    signal: new AbortController().signal,
    checkpoint: undefined,
    save: async () => undefined,
    guard: async () => undefined,
    fault: async () => undefined,
  };
  for await (const _progress of handler.rollback(operation, last.undo as never, run));
  await session.locks.release('migrations', lock.token);
}

/** Strikes a version from the history, so that it is applied anew. */
async function forget(session: StoreSession, version: string): Promise<void> {
  for (const step of await session.journal.list('step', `${version}/`))
    await session.journal.delete('step', `${version}/${String(step.index).padStart(5, '0')}`);
  await session.journal.delete('history', version);
}
