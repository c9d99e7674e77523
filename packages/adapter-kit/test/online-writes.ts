import { checkOperation, down, finalize, follow, migrationChecksum, status, switchVersions, up } from '@polyshift/core';
import { expect } from 'vitest';
import { type Ledger, type StartedWriters, startWriters } from '../../../test/crash/ledger.ts';
import { openWriter } from '../../../test/crash/writers/registry.ts';
import { table, WriterStage } from '../../../test/crash/writers/stage.ts';
import type { LiveWriter } from '../../../test/crash/writers/writer.ts';
import type { MatrixStore } from '../../../test/matrix/stores.ts';
import { seed } from '../../testkit/src/conformance/places.ts';

const rows = 200;

/** Writes a second of each application. */
const rate = 50;

const operation = checkOperation({
  type: 'online_change',
  collection: table,
  data: {
    operations: [
      { type: 'rename_field', data: { old_name: 'note', new_name: 'remark' } },
      { type: 'add_field', data: { field_name: 'tier', type: 'text', default_value: 'gold' } },
      { type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
      { type: 'remove_field', data: { field_name: 'legacy' } },
    ],
  },
});

const migrations = [
  {
    version: '1',
    name: 'remarks',
    operations: [operation],
    checksum: migrationChecksum({ operations: [operation] }),
    file: '1.json',
  },
];

/** One application: it writes its own rows, and a share of those that were there. */
class Application {
  private writer: LiveWriter | undefined;
  private writers: StartedWriters | undefined;

  async start(writer: LiveWriter, firstKey: number, existing: readonly number[]): Promise<void> {
    this.writer = writer;
    this.writers = startWriters(writer, { seed: `${seed} ${firstKey}`, concurrency: 4, rate, firstKey, existing });
  }

  get ledger(): Ledger {
    return this.writers!.ledger;
  }

  async stop(): Promise<void> {
    await this.writers?.stop();
    await this.writer?.[Symbol.asyncDispose]();
    this.writer = undefined;
  }
}

/**
 * Two applications write through an online change: that of the old version from before it, that of the new one from the moment it is there. Then the old
 * one ends with `finalize`, or the new one with `down`. No write may have failed, and each that was acknowledged is there once.
 */
export async function proveOnlineWrites(store: MatrixStore, end: 'finalize' | 'down', bothMs = 1500): Promise<void> {
  await using stage = await WriterStage.open(store, rows);
  const { session } = stage;
  const { url } = stage.database;
  const [old, fresh] = [new Application(), new Application()];
  const share = (part: number): number[] => Array.from({ length: rows / 4 }, (_, index) => index * 4 + part + 1);
  await old.start(await openWriter[store.server](url, table), 1_000_000, share(0));
  await up({ session, migrations });
  const { new_version } = await status({ session, migrations });
  const name = (new_version as unknown as { collections: Record<string, string> }).collections[table]!;
  expect(name).not.toBe(table);
  const openNew = () => openWriter[store.server](url, name, 'remark');
  await fresh.start(await openNew(), 2_000_000, share(1));

  const stop = new AbortController();
  const other = await store.adapter.connect(url);
  const following = follow({ session: other, migrations, signal: stop.signal }, { interval_ms: 50 }).catch(
    (error: unknown) => error,
  );
  await new Promise((resolve) => setTimeout(resolve, bothMs));
  stop.abort();
  expect(await following).toMatchObject({ code: 'STOPPED' });
  await other.close();

  const wait = { session, migrations, wait_ms: 30_000 };
  if (end === 'finalize') {
    await switchVersions(wait, { what: 'reads' });
    await old.stop();
    await switchVersions(wait, { what: 'writes' });
    await finalize(wait, { version: '1' });
    expect(Object.keys((await session.introspect()).collections)).toEqual([name]);
  } else {
    await fresh.stop();
    await down(wait);
    expect(Object.keys((await session.introspect()).collections)).toEqual([table]);
  }
  await Promise.all([old.stop(), fresh.stop()]);
  expect(await session.keptAside('1_0')).toEqual({ rows: 0, bytes: 0 });

  await using reader = await (end === 'finalize' ? openNew() : openWriter[store.server](url, table));
  const notes = await reader.readAll();
  const own = (from: number, part: number) =>
    new Map([...notes].filter(([key]) => (key >= from && key < from + 1_000_000) || (key <= rows && (key - 1) % 4 === part)));
  for (const [application, from, part] of [
    [old, 1_000_000, 0],
    [fresh, 2_000_000, 1],
  ] as const) {
    const { counts, errors } = application.ledger;
    expect([counts.refused, counts.unknown, errors], `writes from ${from} that failed`).toEqual([0, 0, []]);
    expect(counts.acknowledged).toBeGreaterThan(20);
    expect(application.ledger.check(own(from, part)), `writes from ${from} that are not there`).toEqual([]);
  }
  const seeded = [...notes].filter(([key]) => key <= rows && (key - 1) % 4 > 1);
  expect(seeded.map(([key, [note]]) => [key, note])).toEqual(seeded.map(([key]) => [key, `seed ${key}`]));
  expect(seeded).toHaveLength(rows / 2);
}
