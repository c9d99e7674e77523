import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../command/command.ts';
import { matrixStores } from '../matrix/stores.ts';
import { acknowledgements, type Ledger, startWriters } from './ledger.ts';
import { firstKey, seededFields, table, WriterStage } from './writers/stage.ts';

/** Rows of the source, with the keys from 1. */
const rows = 300;

/** Rows of the target that are there before the load, under keys that the source has too. */
const taken = 30;

/** The first key that the application inserts into the target while the load comes to the same keys. */
const firstRaced = 151;

/** Writes that must be acknowledged on each side while the load is at work. */
const leastWrites = 20;

/** Each store is read once and loaded once. */
const pairs = matrixStores.map((from, index) => ({
  source: from.server,
  target: matrixStores[(index + 1) % matrixStores.length]!.server,
  from,
  to: matrixStores[(index + 1) % matrixStores.length]!,
}));

/** What the last acknowledged write of a key has left, where that is certain. */
function certain(ledger: Ledger, key: number): string | undefined {
  const left = ledger.expected(key);
  return left?.length === 1 ? left[0] : undefined;
}

/** A spec that takes long enough, by small batches. */
async function writeSpec(file: string, source: WriterStage, target: WriterStage): Promise<void> {
  const spec = {
    name: 'copied',
    source: { type: source.store.adapter.store, url: source.database.url },
    target: { type: target.store.adapter.store, url: target.database.url },
    max_rejected: rows,
    concurrency: 1,
    steps: [
      { type: 'extract', source_table: table, batch_size: 10 },
      { type: 'transform', transformation_rules: { [target.key]: source.key, note: 'note', mail: 'mail' } },
      { type: 'load', target_table: table, batch_size: 10 },
    ],
  };
  await writeFile(file, JSON.stringify(spec));
}

describe.each(pairs)('a load from $source into $target, both under writes', ({ from, to }) => {
  it('loads rows that were there, and neither overwrites nor loses what the application writes', {
    timeout: 300_000,
  }, async () => {
    await using source = await WriterStage.open(from, rows);
    await using target = await WriterStage.open(to, taken);
    const folder = await mkdtemp(join(tmpdir(), 'polyshift-live-load-'));
    try {
      await writeSpec(join(folder, 'copied.json'), source, target);
      const existing = Array.from({ length: 60 }, (_, index) => index * 5 + 1);
      const read = startWriters(source.writer, { seed: 'source', concurrency: 3, rate: 90, firstKey, existing });
      await acknowledgements(read.ledger, leastWrites);
      const before = new Map(read.ledger.keys().map((key) => [key, certain(read.ledger, key)]));
      const mine = Array.from({ length: taken }, (_, index) => index + 1);
      const written = startWriters(target.writer, {
        seed: 'target',
        concurrency: 3,
        rate: 90,
        firstKey: firstRaced,
        existing: mine,
      });
      const acknowledged = [read.ledger.counts.acknowledged, written.ledger.counts.acknowledged] as const;
      const { code, stdout, stderr } = await runCommand(folder, {}, 'etl', 'run', 'copied.json');
      const meanwhile = [
        read.ledger.counts.acknowledged - acknowledged[0],
        written.ledger.counts.acknowledged - acknowledged[1],
      ] as const;
      await Promise.all([read.stop(), written.stop()]);
      expect(code, `${stdout}${stderr}`).toBe(0);
      expect(Math.min(...meanwhile), 'writes acknowledged meanwhile').toBeGreaterThan(leastWrites);
      expect(read.ledger.check(await source.writer.readAll()), read.ledger.errors.join('\n')).toEqual([]);

      const there = await target.writer.readAll();
      const loaded = new Map([...there].filter(([key]) => key > taken && certain(written.ledger, key) === undefined));
      const others = new Map([...there].filter(([key]) => !loaded.has(key)));
      expect(written.ledger.check(others), written.ledger.errors.join('\n')).toEqual([]);
      for (const key of mine.filter((each) => certain(written.ledger, each) === undefined))
        expect(there.get(key), `row ${key} of the target`).toEqual([seededFields(key).note]);
      for (const [key, notes] of loaded) {
        const possible = [...(key <= rows ? [seededFields(key).note] : []), ...read.ledger.sent(key)];
        expect(notes, `row ${key}, loaded`).toHaveLength(1);
        expect(possible, `row ${key}, loaded`).toContain(notes[0]);
      }
      // Of the rows that nobody wrote on either side none is left out.
      const untouched = Array.from({ length: rows }, (_, index) => index + 1).filter((key) => !existing.includes(key));
      const settled = [...before].filter(([key, note]) => note !== undefined && certain(read.ledger, key) === note);
      const expected = [...untouched.map((key) => [key, seededFields(key).note] as const), ...settled];
      for (const [key, note] of expected.filter(([each]) => each > taken && written.ledger.expected(each) === undefined))
        expect(there.get(key), `row ${key} of the source`).toEqual([note]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
