import { nextChunkSize, type Progress, type RunContext } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection, Database } from '../database.ts';
import { literal, quote, quoteList } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import type { OnlineNames } from './names.ts';
import { readPart } from './part-tables.ts';
import { filled, keyOf, type Relation, relationNames } from './relation.ts';
import { allFields } from './relation-functions.ts';
import { withShortLocks } from './short-lock.ts';

type At = { relation: number; after: string[] | null; rows: number; size: number };
type Key = string[];

/**
 * Copies what stands in the old version into the tables that are split off, and out of those that are merged into the new version, in the order of the
 * key, after the rows of the new version are there. Never waits for a row: one that somebody holds is kept as a write to carry over later. Idempotent,
 * resumed after the last chunk.
 */
export async function* backfillParts(
  database: Database,
  run: RunContext,
  work: { readonly old: Table; readonly names: OnlineNames; readonly relations: readonly Relation[]; readonly batchSize: number },
): AsyncIterable<Progress> {
  const { old, names, relations, batchSize } = work;
  const saved = (run.checkpoint ?? {}) as { parts?: At; rows?: number };
  let at: At = saved.parts ?? { relation: 0, after: null, rows: 0, size: batchSize };
  while (at.relation < relations.length) {
    const relation = relations[at.relation]!;
    await run.guard();
    const startedAt = performance.now();
    const last = at;
    const keys = await withShortLocks(database, run, [old.oid, relation.oid], (connection) =>
      copyChunk(connection, names, relation, old, last),
    );
    await run.fault('part_chunk_copied');
    const rows = at.rows + keys.length;
    if (keys.length === 0) at = { relation: at.relation + 1, after: null, rows, size: batchSize };
    else {
      const full = keys.length === at.size;
      const size = full ? nextChunkSize(at.size, performance.now() - startedAt, batchSize, { fewest: 100, shrink: 4 }) : at.size;
      at = { ...at, after: keys.at(-1)!, rows, size };
    }
    await run.save({ after: null, rows: saved.rows ?? 0, size: batchSize, done: true, parts: at }, (saved.rows ?? 0) + rows);
    yield { rows_done: (saved.rows ?? 0) + rows, note: `copying ${relation.table}` };
  }
}

/** Copies the next rows; gives their keys. */
async function copyChunk(connection: Connection, names: OnlineNames, relation: Relation, old: Table, at: At): Promise<Key[]> {
  const split = relation.kind === 'split';
  const keys = await nextKeys(
    connection,
    relation,
    split ? old : await readPart(connection, relation),
    split ? 'hub' : 'part',
    at,
  );
  if (keys.length === 0) return [];
  const held = await lockHub(connection, names, relation, keys);
  const copied = new Set((split ? held : await pull(connection, names, relation, held)).map((key) => JSON.stringify(key)));
  if (split) await push(connection, names, relation, held);
  const rest = keys.filter((key) => !copied.has(JSON.stringify(key)));
  if (rest.length > 0) await keepForLater(connection, names, relation, rest);
  return keys;
}

async function nextKeys(connection: Connection, relation: Relation, table: Table, side: 'hub' | 'part', at: At): Promise<Key[]> {
  const parameters = new Parameters();
  const key = relation.key.map((each) => requireColumn(table, each[side]));
  const where = at.after ? `WHERE ${compareKey(key, '>', at.after, parameters.bind)}` : '';
  const list = quoteList(key.map(({ name }) => name));
  const row = await connection.row<{ keys: Key[] | null }>(
    `SELECT json_agg(${keyOf(relation, side, 's')} ORDER BY ${key.map(({ name }) => `s.${quote(name)}`).join(', ')}) AS keys
     FROM (SELECT ${list} FROM ${table.sql} ${where} ORDER BY ${list} LIMIT ${at.size}) AS s`,
    parameters.values,
  );
  return row!.keys ?? [];
}

/** Locks the rows of the hub that nobody else has; gives their keys. What is read after it is what they stay. */
async function lockHub(connection: Connection, names: OnlineNames, relation: Relation, keys: readonly Key[]): Promise<Key[]> {
  const { hub } = relationNames(names, relation);
  const row = await connection.row<{ keys: Key[] | null }>(
    `SELECT json_agg(${keyOf(relation, 'hub', 's')}) AS keys FROM (
       SELECT h.* FROM ${keysOf(relation)} AS k JOIN ${hub} AS h ON ${isOneOf(relation, 'hub', 'h')} FOR NO KEY UPDATE OF h SKIP LOCKED) AS s`,
    [JSON.stringify(keys)],
  );
  return row!.keys ?? [];
}

/** Makes the rows of a table that is split off. One that is there has been written by now, and has all that its hub has. */
async function push(connection: Connection, online: OnlineNames, relation: Relation, keys: readonly Key[]): Promise<void> {
  const names = relationNames(online, relation);
  const { key, fields } = relation;
  await connection.rows(`SELECT set_config(${literal(names.fromHub)}, '*', true)`);
  const to = [...key.map(({ part }) => part), ...fields];
  const from = [...key.map(({ hub }) => hub), ...fields].map((name) => `h.${quote(name)}`);
  await connection.rows(
    `INSERT INTO ${names.part} (${quoteList(to)}) OVERRIDING SYSTEM VALUE
     SELECT ${from.join(', ')} FROM ${keysOf(relation)} AS k JOIN ${names.hub} AS h ON ${isOneOf(relation, 'hub', 'h')} WHERE ${filled(relation, 'h')} > 0
     ON CONFLICT (${quoteList(key.map(({ part }) => part))}) DO NOTHING`,
    [JSON.stringify(keys)],
  );
}

/** Gives the new version the fields of a merged table; what it has written there itself, and could not carry yet, stays. Gives the keys of what is done. */
async function pull(connection: Connection, online: OnlineNames, relation: Relation, keys: readonly Key[]): Promise<Key[]> {
  const names = relationNames(online, relation);
  await connection.rows(
    `SELECT set_config(${literal(names.fromPart)}, '*', true), set_config(${literal(names.quiet)}, '*', true)`,
  );
  const row = await connection.row<{ keys: Key[] | null }>(
    `WITH polyshift_rows AS MATERIALIZED (
       SELECT p.* FROM ${keysOf(relation)} AS k JOIN ${names.part} AS p ON ${isOneOf(relation, 'part', 'p')} FOR NO KEY UPDATE OF p SKIP LOCKED),
     polyshift_done AS (
       UPDATE ${names.hub} AS h SET ${relation.fields.map((field) => `${quote(field)} = p.${quote(field)}`).join(', ')} FROM polyshift_rows AS p
       WHERE ${relation.key.map((each) => `h.${quote(each.hub)} ${each.equal} p.${quote(each.part)}`).join(' AND ')}
         AND NOT EXISTS (SELECT FROM ${names.unsettled} AS u WHERE u.part = ${relation.index} AND u.side = 'hub' AND u.key = ${keyOf(relation, 'hub', 'h')})
       RETURNING ${keyOf(relation, 'part', 'p')} AS key),
     polyshift_settled AS (
       DELETE FROM ${names.unsettled} AS u USING polyshift_done AS d WHERE u.part = ${relation.index} AND u.side = 'part' AND u.key = d.key)
     SELECT json_agg(key) AS keys FROM polyshift_done`,
    [JSON.stringify(keys)],
  );
  return row!.keys ?? [];
}

/** Keeps that the side which is copied is ahead by all that the other side is not ahead by. */
async function keepForLater(
  connection: Connection,
  online: OnlineNames,
  relation: Relation,
  keys: readonly Key[],
): Promise<void> {
  const names = relationNames(online, relation);
  const [side, other] = relation.kind === 'split' ? ['hub', 'part'] : ['part', 'hub'];
  await connection.rows(
    `INSERT INTO ${names.unsettled} AS w (part, side, key, fields, refused)
     SELECT ${relation.index}, '${side}', k.key, ARRAY(SELECT f FROM unnest(${allFields(relation)}) AS f WHERE f <> ALL (coalesce(o.fields, '{}'))), false
     FROM (SELECT ARRAY(SELECT json_array_elements_text(e)) AS key FROM json_array_elements($1::json) AS e) AS k
     LEFT JOIN ${names.unsettled} AS o ON o.part = ${relation.index} AND o.side = '${other}' AND o.key = k.key
     ON CONFLICT (part, side, key) DO UPDATE SET fields = ARRAY(SELECT DISTINCT f FROM unnest(w.fields || excluded.fields) AS f)`,
    [JSON.stringify(keys)],
  );
}

/** The keys of a JSON parameter as rows `k1`, `k2`, ... */
function keysOf({ key }: Relation): string {
  return `(SELECT ${key.map((each, at) => `(e->>${at})::${each.type} AS k${at + 1}`).join(', ')} FROM json_array_elements($1::json) AS e)`;
}

function isOneOf({ key }: Relation, side: 'hub' | 'part', row: string): string {
  return key.map((each, at) => `${row}.${quote(each[side])} ${each.equal} k.k${at + 1}`).join(' AND ');
}
