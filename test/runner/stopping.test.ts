import { doctor, down, Lease, status, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const twice = (version: string, batch_size: number) =>
  migration(version, [
    {
      type: 'migrate_data',
      collection: 'people',
      data: { pipeline: [{ $set: { name: { $concat: ['$name', '+'] } } }] },
      batch_size,
    },
  ]);

describe.each(stores)('stopping on $name', (store) => {
  it('is locked while another run holds the lock, and waits for it when asked', async () => {
    await onStore(store, async (session, url) => {
      const other = await store.adapter.connect(url);
      try {
        const options = { session, migrations: [people(store.key)] };
        await other.journal.ensure();
        const lease = await Lease.acquire(other.locks, 'migrations', { command: 'up', ttl_ms: 30_000 });
        await expect(up(options)).rejects.toMatchObject({
          code: 'LOCKED',
          exit: 4,
          message: expect.stringContaining(String(process.pid)),
        });
        expect(await status(options)).toMatchObject({ lock: { holder: { command: 'up' } } });
        expect((await doctor(options)).findings[0]!.choices.map((choice) => choice.command)).toContain('polyshift unlock');
        const waiting = up({ ...options, wait_ms: 10_000 });
        await lease.release();
        expect(await waiting).toMatchObject({ to_version: '1' });
      } finally {
        await other.close();
      }
    });
  });

  it('stops after a batch when asked to, says so, and goes on with each row changed once', async () => {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), twice('2', 1)];
      const stop = new AbortController();
      await up({ session, migrations }, { to: '1' });
      let batches = 0;
      const stopped = up({
        session,
        migrations,
        signal: stop.signal,
        emit: (event) => {
          if (event.kind === 'progress' && ++batches === 1) stop.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: 'STOPPED', exit: 5 });
      const stopping = await status({ session, migrations });
      expect(stopping).toMatchObject({ unfinished: true, lock: null, current_version: '1' });
      expect(stopping.migrations[1]).toMatchObject({ phase: 'batches', rows_done: expect.any(Number), rate: expect.any(Number) });
      expect(stopping.migrations[1]!.rate).toBeGreaterThan(0);
      const report = await doctor({ session, migrations });
      expect(report.healthy).toBe(false);
      expect(report.findings[0]!.finding).toContain('stopped part-way');
      await up({ session, migrations });
      expect(await session.count('people', { name: 'Ann+' })).toBe(1);
      expect(await session.count('people', { name: { like: '%++' } })).toBe(0);
      expect((await doctor({ session, migrations })).healthy).toBe(true);
    });
  });

  it('takes a migration back that stopped part-way', async () => {
    await onStore(store, async (session) => {
      const migrations = [people(store.key), twice('2', 1)];
      await up({ session, migrations }, { to: '1' });
      const before = await session.fingerprint('people');
      const stop = new AbortController();
      const emit = (event: { kind: string }) => {
        if (event.kind === 'progress') stop.abort();
      };
      await expect(up({ session, migrations, signal: stop.signal, emit })).rejects.toMatchObject({ code: 'STOPPED' });
      expect(await down({ session, migrations })).toMatchObject({ migrations: [{ version: '2', outcome: 'rolled_back' }] });
      expect(await session.fingerprint('people')).toEqual(before);
    });
  });

  it('lets exactly one of several runs that start at once migrate', async () => {
    await onStore(store, async (session, url) => {
      const migrations = [people(store.key), twice('2', 1)];
      const sessions = await Promise.all([1, 2, 3].map(() => store.adapter.connect(url)));
      try {
        const outcomes = await Promise.allSettled(sessions.map((each) => up({ session: each, migrations })));
        const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
        for (const outcome of refused) expect(outcome.reason).toMatchObject({ code: 'LOCKED' });
        expect(outcomes.length - refused.length).toBeGreaterThan(0);
        expect(await session.count('people', { name: { like: '%+' } })).toBe(3);
        expect(await session.count('people', { name: { like: '%++' } })).toBe(0);
      } finally {
        await Promise.all(sessions.map((each) => each.close()));
      }
    });
  });
});
