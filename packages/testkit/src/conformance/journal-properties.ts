import { type Adapter, type HistoryRecord, journalFormat, type StepRecord, type StoreSession } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { placeAt, placeText, runUntilCut, writesOf } from './cut-run.ts';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { scattered } from './places.ts';
import { Stage } from './stage.ts';

const history = (version: string, change: Partial<HistoryRecord> = {}): HistoryRecord => ({
  version,
  name: `name of "${version}"`,
  checksum: `sha256:${version.padStart(64, '0')}`,
  state: 'applied',
  is_running: false,
  started_at: '2024-02-29T12:00:00.123Z',
  applied_at: '2024-02-29T12:00:01.000Z',
  duration_ms: 877,
  run_id: '5f0c0d3e-0000-4000-8000-000000000001',
  steps_done: 2,
  steps_total: 2,
  error: null,
  rank: 1,
  format: journalFormat,
  ...change,
});

const step = (version: string, index: number): StepRecord => ({
  version,
  index,
  operation: {
    type: 'add_field',
    collection: 'a"b',
    data: { field_name: "x'y", default_value: { deep: [1, null, 'ü\\'] } },
    batch_size: 1000,
  },
  state: 'prepared',
  undo: { $set: { 'a.b': 1 }, big: 9007199254740991, empty: {} },
  checkpoint: ['last', 7],
  rows_done: 10,
  rows_total: null,
  checks: [{ check: 'row_count', status: 'PASS', message: 'ok', action: '' }],
  started_at: '2024-02-29T12:00:00.123Z',
  finished_at: null,
  undo_kept: true,
  format: journalFormat,
});

/** The journal keeps what it is given, in order, durable, and refuses those who lost the lock. */
export function journalProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  describe('journal', () => {
    it('reads as empty, and is not created, before ensure', async () => {
      await using stage = await Stage.empty(adapter, server);
      const { journal, locks } = stage.session;
      expect(await journal.format()).toBeUndefined();
      expect(await journal.list('history')).toEqual([]);
      expect(await journal.get('step', '1/00000')).toBeUndefined();
      expect(await locks.read('migrations')).toBeUndefined();
      expect(await journal.format()).toBeUndefined();
    });

    it('is created once, whoever asks, and stays out of sight', async () => {
      await using stage = await Stage.empty(adapter, server);
      await using other = await stage.connectAgain();
      await Promise.all([stage.session.journal.ensure(), other.journal.ensure(), stage.session.journal.ensure()]);
      expect(await other.journal.format()).toBe(journalFormat);
      expect(Object.keys((await stage.session.introspect()).collections)).toEqual([]);
    });

    it('is made whole by the next who asks, whatever write its making is cut at', async () => {
      const make = (session: StoreSession) => session.journal.ensure();
      const count = async () => {
        await using stage = await Stage.empty(adapter, server);
        return await writesOf(stage, options, make, 1);
      };
      for (const write of scattered(await count(), options.cut_points ?? 2, 'journal')) {
        await using stage = await Stage.empty(adapter, server);
        const place = placeAt(write, 'journal');
        await runUntilCut(stage, options, place, make);
        await stage.reconnect();
        const { journal, locks } = stage.session;
        await journal.ensure();
        expect(await journal.format(), placeText(place)).toBe(journalFormat);
        await journal.put('history', '1', history('1'));
        expect(await journal.list('history'), placeText(place)).toEqual([history('1')]);
        const lock = await locks.acquire('l', { id: 'a', host: 'h', pid: 1, command: 'up' }, 30_000);
        expect(lock.acquired, placeText(place)).toBe(true);
      }
    });

    it('keeps records to the letter, by key and in order, for other connections too', async () => {
      await using stage = await Stage.empty(adapter, server);
      const { journal } = stage.session;
      await journal.ensure();
      for (const version of ['0003', '0001', '0002']) await journal.put('history', version, history(version));
      for (const index of [10, 2, 1]) await journal.put('step', `0001/${String(index).padStart(5, '0')}`, step('0001', index));
      await journal.put('step', '00010/00000', step('00010', 0));
      await using other = await stage.connectAgain();
      expect((await other.journal.list('history')).map((each) => each.version)).toEqual(['0001', '0002', '0003']);
      expect(await other.journal.get('history', '0002')).toEqual(history('0002'));
      expect(await other.journal.list('step', '0001/')).toEqual([1, 2, 10].map((index) => step('0001', index)));
    });

    it('replaces and deletes', async () => {
      await using stage = await Stage.empty(adapter, server);
      const { journal } = stage.session;
      await journal.ensure();
      await journal.put('history', '1', history('1', { state: 'running', applied_at: null, duration_ms: null }));
      await journal.put('history', '1', history('1', { error: 'no "luck"' }));
      expect(await journal.list('history')).toEqual([history('1', { error: 'no "luck"' })]);
      await journal.delete('history', '1');
      await journal.delete('history', '1');
      expect(await journal.list('history')).toEqual([]);
    });

    it('refuses the writes of a holder that lost the lock', async () => {
      await using stage = await Stage.empty(adapter, server);
      const { journal, locks } = stage.session;
      await journal.ensure();
      const holder = { id: 'a', host: 'h', pid: 1, command: 'up' };
      const first = await locks.acquire('l', holder, 30_000);
      if (!first.acquired) throw new Error('a free lock was not given');
      const fence = { lock: 'l', token: first.token };
      await journal.put('history', '1', history('1'), fence);
      await locks.breakLock('l');
      const second = await locks.acquire('l', { ...holder, id: 'b' }, 30_000);
      expect(second.acquired).toBe(true);
      await expect(journal.put('history', '1', history('1', { name: 'overwritten' }), fence)).rejects.toMatchObject({
        code: 'LEASE_LOST',
      });
      await expect(journal.delete('history', '1', fence)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await journal.list('history')).toEqual([history('1')]);
    });
  });
}
