import { type JsonObject, journalFormat } from '@polyshift/core';
import { historyIndex, journalIndex } from '../collection/names.ts';
import { hasType } from '../errors.ts';
import { request } from '../http/request.ts';
import type { Store } from '../store.ts';

/** One shard and no copies, so that writes are quick and counters exact; a cluster with more nodes may be given copies by hand, which stay. */
const settings = { number_of_shards: 1, number_of_replicas: 0 };

const keyword = { type: 'keyword' };

/** Only what people look for is searched; the record itself is JSON text, which keeps any field name and every digit. */
const historyMapping: JsonObject = {
  dynamic: false,
  properties: {
    kind: keyword,
    key: keyword,
    version: keyword,
    name: keyword,
    checksum: keyword,
    state: keyword,
    is_running: { type: 'boolean' },
    started_at: { type: 'date' },
    applied_at: { type: 'date' },
    duration_ms: { type: 'long' },
    run_id: keyword,
    steps_done: { type: 'integer' },
    steps_total: { type: 'integer' },
    error: { type: 'text' },
    rank: { type: 'integer' },
    format: { type: 'integer' },
  },
};

const journalMapping: JsonObject = { dynamic: false, properties: { kind: keyword, name: keyword, key: keyword } };

const formatId = 'format';

/** Creates what the journal needs, where it is missing. Idempotent, safe when two call it at once. */
export async function ensureJournal(store: Store): Promise<void> {
  if ((await readFormat(store)) !== undefined) return;
  await Promise.all([
    createIndex(store, historyIndex(store), historyMapping),
    createIndex(store, journalIndex(store), journalMapping),
  ]);
  try {
    await request(store, 'PUT', [journalIndex(store), '_create', formatId], { body: { kind: 'format', format: journalFormat } });
  } catch (error) {
    if (!hasType(error, 'version_conflict_engine_exception')) throw error;
  }
}

/** The format of the journal; undefined where there is none. */
export async function readFormat(store: Store): Promise<number | undefined> {
  const found = await request<{ _source?: { format: number } }>(store, 'GET', [journalIndex(store), '_doc', formatId], {
    accepted: [404],
  });
  return found._source?.format;
}

async function createIndex(store: Store, index: string, mappings: JsonObject): Promise<void> {
  try {
    await request(store, 'PUT', [index], { body: { settings, mappings } });
  } catch (error) {
    if (!hasType(error, 'resource_already_exists_exception')) throw error;
  }
}
