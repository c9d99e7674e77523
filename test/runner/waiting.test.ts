import { Lease, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { onStore, people, stores } from './stores.ts';

describe.each(stores)('waiting for the lock on $name', (store) => {
  it('ends at once when the run is asked to stop', async () => {
    await onStore(store, async (session) => {
      await session.journal.ensure();
      await using _lease = await Lease.acquire(session.locks, 'migrations', { command: 'up' });
      const stop = new AbortController();
      const waiting = up({ session, migrations: [people(store.key)], wait_ms: 60_000, signal: stop.signal });
      setTimeout(() => stop.abort(), 300);
      await expect(waiting).rejects.toMatchObject({ code: 'STOPPED', exit: 5 });
    });
  });
});
