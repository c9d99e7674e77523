import { type AnyOperationInput, down, finalize, status, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, people, stores } from './stores.ts';

const upper = (version: string) =>
  migration(version, [
    { type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name: { $toUpper: '$name' } } }] } },
  ]);

describe.each(stores)('the history on $name', (store) => {
  it('goes up and down through versions and remembers', async () => {
    await onStore(store, async (session) => {
      const migrations = [
        people(store.key),
        migration('2', [{ type: 'add_field', collection: 'people', data: { field_name: 'vip', default_value: false } }]),
        upper('10'),
      ];
      const options = { session, migrations };
      expect(await status(options)).toMatchObject({ current_version: null, pending: 3, unfinished: false, lock: null });
      const first = await up(options, { to: '2' });
      expect(first).toMatchObject({
        from_version: null,
        to_version: '2',
        migrations: [
          { version: '1', outcome: 'applied' },
          { version: '2', outcome: 'applied' },
        ],
      });
      expect(await up(options)).toMatchObject({ from_version: '2', to_version: '10' });
      const after = await status(options);
      expect(after.migrations.map(({ version, state, undo, file }) => ({ version, state, undo, file }))).toEqual([
        { version: '1', state: 'applied', undo: 'exact', file: 'ok' },
        { version: '2', state: 'applied', undo: 'exact', file: 'ok' },
        { version: '10', state: 'applied', undo: 'exact', file: 'ok' },
      ]);
      expect((await verify(options)).ok).toBe(true);
      await expect(down(options, { expect_current: '2' })).rejects.toMatchObject({ code: 'VERSION_UNEXPECTED', exit: 1 });
      expect(await down(options, { expect_current: '10' })).toMatchObject({ from_version: '10', to_version: '2' });
      await expect(down(options, { to: '77' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
      expect(await down(options, { to: '0' })).toMatchObject({ from_version: '2', to_version: null });
      expect(Object.keys((await session.introspect()).collections)).toEqual([]);
      expect((await status(options)).migrations.map((each) => each.state)).toEqual(['rolled_back', 'rolled_back', 'rolled_back']);
      expect(await up(options)).toMatchObject({ to_version: '10' });
    });
  });

  it('refuses changed, missing and late files before anything is touched', async () => {
    await onStore(store, async (session) => {
      const one = people(store.key);
      await up({ session, migrations: [one, upper('3')] });
      const changed = { ...upper('3'), checksum: 'sha256:other' };
      await expect(up({ session, migrations: [one, changed] })).rejects.toMatchObject({ code: 'CHECKSUM_CHANGED' });
      await expect(up({ session, migrations: [one] })).rejects.toMatchObject({ code: 'MIGRATION_MISSING' });
      await expect(up({ session, migrations: [one, upper('2'), upper('3')] })).rejects.toMatchObject({ code: 'OUT_OF_ORDER' });
      expect((await verify({ session, migrations: [one, changed] })).ok).toBe(false);
      expect((await status({ session, migrations: [one, changed] })).migrations.map((each) => each.file)).toEqual([
        'ok',
        'changed',
      ]);
    });
  });

  it('rolls a migration back whose check fails, and applies the corrected one', async () => {
    await onStore(store, async (session) => {
      const one = people(store.key);
      await up({ session, migrations: [one] });
      const before = await session.fingerprint('people');
      const bad = migration('2', [
        { type: 'add_field', collection: 'people', data: { field_name: 'vip', default_value: false } },
        { type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name: 'same' } }] } },
        { type: 'create_index', collection: 'people', data: { name: 'people_name', keys: { name: 1 }, unique: true } },
      ]);
      await expect(up({ session, migrations: [one, bad] })).rejects.toMatchObject({ code: 'CHECK_FAILED', exit: 1 });
      expect(await session.fingerprint('people')).toEqual(before);
      expect((await status({ session, migrations: [one, bad] })).migrations[1]).toMatchObject({ state: 'failed', steps_done: 0 });
      const good = migration('2', bad.operations.slice(0, 1) as AnyOperationInput[]);
      expect(await up({ session, migrations: [one, good] })).toMatchObject({ to_version: '2' });
    });
  });

  it('gives the way back up on finalize', async () => {
    await onStore(store, async (session) => {
      const options = {
        session,
        migrations: [
          people(store.key),
          migration('2', [{ type: 'remove_field', collection: 'people', data: { field_name: 'name' } }]),
        ],
      };
      await up(options);
      await expect(finalize(options, { version: '7' })).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
      expect((await finalize(options, { version: '2' })).finalized).toMatchObject([{ version: '2', steps: 1, rows: 3 }]);
      expect((await finalize(options, { version: '2' })).finalized).toMatchObject([{ version: '2', steps: 0, rows: 0 }]);
      const before = await session.fingerprint('people');
      await expect(down(options)).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
      expect(await session.fingerprint('people')).toEqual(before);
      expect((await status(options)).migrations[1]!.undo).toBe('finalized');
    });
  });

  it('runs the down operations of a migration that brings its own', async () => {
    await onStore(store, async (session) => {
      const own = migration(
        '2',
        [{ type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name: 'gone' } }] } }],
        [{ type: 'migrate_data', collection: 'people', data: { pipeline: [{ $set: { name: 'back' } }] } }],
      );
      const options = { session, migrations: [people(store.key), own] };
      await up(options);
      expect(await session.count('people', { name: 'gone' })).toBe(3);
      await down(options);
      expect(await session.count('people', { name: 'back' })).toBe(3);
      expect(await status(options)).toMatchObject({ current_version: '1' });
    });
  });

  it('finds drift and names it', async () => {
    await onStore(store, async (session) => {
      const options = { session, migrations: [people(store.key)] };
      await up(options);
      const handler = session.operations.create_index!;
      const operation = migration('9', [
        { type: 'create_index', collection: 'people', data: { name: 'by_hand', keys: { name: 1 } } },
      ]).operations[0]!;
      const run = {
        run_id: 'hand',
        version: '9',
        step: 0,
        aside: '9_0',
        fence: {
          lock: 'migrations',
          token: (
            (await session.locks.acquire('migrations', { id: 'x', host: 'h', pid: 1, command: 'hand' }, 30_000)) as {
              token: number;
            }
          ).token,
        },
        signal: new AbortController().signal,
        checkpoint: undefined,
        save: async () => undefined,
        guard: async () => undefined,
        fault: async () => undefined,
      };
      const undo = await handler.prepare(operation as never, run);
      for await (const _progress of handler.execute(operation as never, undo, run));
      const report = await verify(options);
      expect(report.ok).toBe(false);
      expect(report.checks.find((check) => check.status === 'FAILED')!.message).toContain('by_hand');
    });
  });
});
