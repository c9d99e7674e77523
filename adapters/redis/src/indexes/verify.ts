import { keyList } from '@polyshift/adapter-kit';
import { type Check, checkThat, warn } from '@polyshift/core';
import { keyBatches } from '../keys/key-batches.ts';
import { readRows } from '../rows/read-rows.ts';
import { type Command, type Store, sendEach } from '../store.ts';
import { indexSize } from './content.ts';
import { entriesOf, type IndexEntry } from './entries.ts';
import type { IndexDefinition } from './index-definition.ts';

/** Holds an index against the rows: every row has its entry, and the index has no others. Reads all of both. */
export async function verifyIndex(store: Store, collection: string, index: IndexDefinition): Promise<Check[]> {
  const definition = (await store.definitions.read(collection)) ?? store.definitions.known(collection);
  const missing: string[] = [];
  let [wanted, lacking] = [0, 0];
  for await (const { ids } of keyBatches(store, collection, 1000)) {
    const rows = await readRows(store, collection, ids);
    const entries = rows.flatMap(({ key, row }) =>
      entriesOf(store.keys, collection, definition, [index], row).map((entry) => ({ key: String(key), entry })),
    );
    const there = await sendEach(
      store,
      entries.map(({ entry }) => lookup(entry)),
    );
    wanted += entries.length;
    for (const [position, { key, entry }] of entries.entries()) {
      if (isThere(entry, there[position])) continue;
      lacking++;
      if (missing.length < 6) missing.push(key);
    }
  }
  const stale = (await indexSize(store, collection, index)) - (wanted - lacking);
  const checks = [
    checkThat(
      lacking === 0,
      'index_complete',
      {
        pass: `the index ${index.name} holds ${wanted} rows`,
        fail: `the index ${index.name} lacks ${lacking} of ${wanted} rows: ${keyList(missing)}`,
        action: 'The application writes rows without their index entries: deploy one that does, then drop and create the index.',
      },
      { wanted, lacking },
    ),
  ];
  if (stale > 0) {
    checks.push(
      warn(
        'index_stale',
        `the index ${index.name} holds ${stale} entries of rows that are gone or have other values`,
        'Rows that expire leave their entries, and so does an application that does not keep them: drop and create the index.',
        { stale },
      ),
    );
  }
  return checks;
}

function lookup({ kind, key, member }: IndexEntry): Command {
  return [{ z: 'zscore', s: 'sismember', u: 'hget' }[kind], key, member];
}

function isThere({ kind, value }: IndexEntry, reply: unknown): boolean {
  if (kind === 's') return reply === 1;
  if (reply === null) return false;
  return kind === 'z' ? number(String(reply)) === number(String(value)) : (reply as Buffer).equals(value as Buffer);
}

function number(score: string): number {
  return Number(score.replace(/^([+-]?)inf$/, '$1Infinity'));
}
