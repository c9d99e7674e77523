import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyOperationInput } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../command/command.ts';
import { type ReadRow, readRows } from '../matrix/read-rows.ts';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { acknowledgements, type Ledger, startWriters } from './ledger.ts';
import { firstKey, seededFields, table, WriterStage } from './writers/stage.ts';

const rows = 160;
const batch_size = 40;

/** Milliseconds after each batch: a migration of a small table takes long enough for writers to come in between. */
const pause_ms = 50;

/** Seeded rows whose notes are updated meanwhile. */
const existing = Array.from({ length: rows / 2 }, (_, index) => index * 2 + 1);

/** Writes that must be acknowledged before, during and after each command: what it shows would mean little with fewer. */
const leastWrites = 40;

/**
 * Changes of the table that a writer of `note` need not know of, as far as the store has them online. A store without defaults gives new fields to
 * the rows up to `last` alone: it refuses to say that all have them while the application goes on to insert rows without.
 */
function onlineOperations({ adapter: { store, capabilities } }: MatrixStore, key: string, last: number): AnyOperationInput[] {
  const early = { [key]: { lte: last } };
  const all: AnyOperationInput[] = [
    {
      type: 'add_field',
      collection: table,
      data: { field_name: 'tier', type: 'text', default_value: 'gold' },
      ...(capabilities.operations.set_default.supported ? {} : { conditions: early }),
      batch_size,
    },
    {
      type: 'add_field',
      collection: table,
      data: { field_name: 'level', type: 'int32', default_value: 3 },
      conditions: early,
      batch_size,
    },
    {
      type: 'migrate_data',
      collection: table,
      // Twice for one row would show.
      data: { pipeline: [{ $set: { level: { $add: ['$level', 1] } } }] },
      conditions: early,
      batch_size,
    },
    // The very field that the application writes, of every row.
    {
      type: 'migrate_data',
      collection: table,
      data: { pipeline: [{ $set: { note: { $concat: ['$note', '!'] } } }] },
      batch_size,
    },
    { type: 'rename_field', collection: table, data: { old_name: 'mail', new_name: 'email' }, batch_size },
    {
      type: 'create_index',
      collection: table,
      // In Redis the application keeps an index with its own writes; a unique one has nothing of rows without the field.
      data: { name: 'items_email', keys: { email: 1 }, unique: store === 'redis' },
    },
    { type: 'remove_field', collection: table, data: { field_name: 'legacy' }, batch_size },
    { type: 'schema_validation', collection: table, data: { schema: { bsonType: 'object', required: ['note'] } } },
  ];
  return all.filter(({ type }) => {
    const carried = capabilities.operations[type];
    return carried.supported && carried.online;
  });
}

/** A folder with a configuration, to which the migration comes when the writers are at work. */
async function project(stage: WriterStage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-live-'));
  await mkdir(join(folder, 'migrations'));
  const config = { stores: { main: { type: stage.store.adapter.store, url: stage.database.url } }, pause_ms };
  await writeFile(join(folder, 'polyshift.config.json'), JSON.stringify(config));
  return folder;
}

/** The rows of the table as texts of their fields: null and missing are one. */
async function textRows({ session, key }: WriterStage): Promise<Map<number, Record<string, string>>> {
  const read = await readRows(session, table, key);
  const texts = (row: ReadRow) =>
    Object.fromEntries([...row].flatMap(([name, { value }]) => (name === key ? [] : [[name, String(value)]])));
  return new Map([...read].map(([id, row]) => [Number(id), texts(row)]));
}

/** What a writer has written, whether the migration has come to it since or not. */
const unmarked = (notes: ReadonlyMap<number, string[]>) =>
  new Map([...notes].map(([key, each]) => [key, each.map((note) => note.replace(/!$/, ''))]));

/** Rows of the writers' own that are there, as far as is known. */
const ownRows = (ledger: Ledger) => ledger.keys().filter((key) => key >= firstKey && ledger.present(key));

/** Runs the command while writers work before, during and after it; gives the ledger and the writers' rows that were there before. */
async function underWrites(stage: WriterStage, folder: string, command: 'up' | 'down', begun?: Ledger) {
  const options = { seed: command, concurrency: 4, rate: 120, firstKey, existing, ...(begun ? { ledger: begun } : {}) };
  const { ledger, stop } = startWriters(stage.writer, options);
  await acknowledgements(ledger, leastWrites);
  const before = ownRows(ledger);
  if (command === 'up') {
    const operations = onlineOperations(stage.store, stage.key, Math.max(...before));
    await writeFile(join(folder, 'migrations', '0001_live.json'), JSON.stringify({ operations }));
  }
  const { acknowledged } = ledger.counts;
  const { code, stdout, stderr } = await runCommand(folder, {}, command, '--yes');
  const meanwhile = ledger.counts.acknowledged - acknowledged;
  await acknowledgements(ledger, leastWrites);
  await stop();
  expect(code, `${stdout}${stderr}`).toBe(0);
  expect(meanwhile, 'writes acknowledged meanwhile').toBeGreaterThan(leastWrites);
  return { ledger, before };
}

describe.each(matrixStores)('a migration under writes, on $server', (store) => {
  // Many commands, one after the other, on a machine that may be busy.
  it('keeps every acknowledged write on the way there and on the way back', { timeout: 600_000 }, async () => {
    await using stage = await WriterStage.open(store, rows);
    const folder = await project(stage);
    try {
      const { ledger, before } = await underWrites(stage, folder, 'up');
      expect(ledger.check(unmarked(await stage.writer.readAll())), ledger.errors.join('\n')).toEqual([]);
      const verified = await runCommand(folder, {}, 'verify');
      expect(verified.code, `${verified.stdout}${verified.stderr}`).toBe(0);
      const after = await textRows(stage);
      for (let id = 1; id <= rows; id++) {
        const { note: seeded, mail: email } = seededFields(id);
        const note = ledger.sent(id).size > 0 ? expect.any(String) : `${seeded}!`;
        expect(after.get(id), `row ${id} after up`).toEqual({ note, email, tier: 'gold', level: '4' });
      }
      for (const key of before.filter((each) => ledger.present(each)))
        expect(after.get(key), `row ${key} after up`).toEqual({ note: expect.any(String), tier: 'gold', level: '4' });

      await underWrites(stage, folder, 'down', ledger);
      expect(ledger.check(await stage.writer.readAll()), ledger.errors.join('\n')).toEqual([]);
      for (const [id, row] of await textRows(stage)) {
        const { note, ...others } = seededFields(id);
        const kept = ledger.sent(id).size > 0 ? expect.any(String) : note;
        expect(row, `row ${id} after down`).toEqual({ note: kept, ...(id <= rows ? others : {}) });
      }
      if (store.server === 'elasticsearch') for (const error of ledger.errors) expect(error).toContain('cluster_block_exception');
      else expect(ledger.counts.refused, ledger.errors.join('\n')).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
