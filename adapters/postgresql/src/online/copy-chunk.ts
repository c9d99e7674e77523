import { PolyshiftError, type RunContext } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection, Database } from '../database.ts';
import { isDataError, sqlState } from '../errors.ts';
import { quote, quoteList } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import { enterCarried } from './carried.ts';
import type { Contention } from './contention.ts';
import type { OnlineNames } from './names.ts';
import { keyTexts, type Way } from './way.ts';

/** How many rows the new version may refuse before the backfill gives up: then it is no matter of single rows. */
const refusedLimit = 1000;

/** What the backfill works on. */
export interface Backfill {
  readonly table: Table;
  readonly names: OnlineNames;
  readonly way: Way;
  readonly batchSize: number;
  /** Ranges of the key that are copied side by side. */
  readonly workers: number;
  /** Whether writers are expected to have carried rows over that are still to be copied. */
  readonly contention: Contention;
}

const uniqueViolation = '23505';

type Chunk = { count: number; last: string[] | null };

/** Rows behind one key and up to another, of which null is no bound. */
export interface KeyRange {
  readonly after: readonly string[] | null;
  readonly to: readonly string[] | null;
}

/** Copies the next rows of a range; gives how many, and the last key. */
export async function copyChunk(
  database: Database,
  run: RunContext,
  work: Backfill,
  range: KeyRange,
  size: number,
): Promise<Chunk> {
  try {
    return await copyWhole(database, run, work, range, size);
  } catch (error) {
    if (!isDataError(error)) throw error;
  }
  const chunk = await database.fenced(run.fence, (connection) => copyOneByOne(connection, work, range, size), {
    lock_timeout_ms: 5_000,
  });
  const refused = await database.row<{ count: string }>(`SELECT count(*) AS count FROM ${work.names.unsettled} WHERE refused`);
  if (Number(refused!.count) <= refusedLimit) return chunk;
  const [example] = await database.rows<{ key: string; reason: string }>(
    `SELECT key::text, reason FROM ${work.names.unsettled} WHERE refused ORDER BY key LIMIT 1`,
  );
  throw new PolyshiftError(
    'CONSTRAINT_VIOLATED',
    `The new version of ${work.table.name} refuses more than ${refusedLimit} rows, ${example?.key} among them: ${example?.reason}.`,
    { hint: 'Correct the rows, or the change, and run again.' },
  );
}

async function copyWhole(database: Database, run: RunContext, work: Backfill, range: KeyRange, size: number): Promise<Chunk> {
  const { contention } = work;
  const copy = (tolerant: boolean): Promise<Chunk> =>
    database.fenced(run.fence, (connection) => copyAll(connection, work, range, size, tolerant), { lock_timeout_ms: 5_000 });
  if (contention.expected()) return await copy(true);
  try {
    const chunk = await copy(false);
    contention.missed();
    return chunk;
  } catch (error) {
    if (sqlState(error) !== uniqueViolation) throw error;
  }
  contention.met();
  return await copy(true);
}

/** The condition that a row of the old version lies in a range. */
function inRange({ table, way }: Backfill, { after, to }: KeyRange, parameters: Parameters): string {
  const key = way.key.map(({ source }) => requireColumn(table, source));
  const bounds = [
    ...(after ? [compareKey(key, '>', after, parameters.bind)] : []),
    ...(to ? [compareKey(key, '<=', to, parameters.bind)] : []),
  ];
  return bounds.length === 0 ? 'true' : bounds.join(' AND ');
}

function sourceList(way: Way): string {
  return quoteList(way.sourceColumns.map(({ name }) => name));
}

function keyList(way: Way): string {
  return quoteList(way.key.map(({ source }) => source));
}

/**
 * The last key of the chunk is found first, by the key alone; then its rows go straight from one table into the other, locked, and are held nowhere in between.
 *
 * @param tolerant whether a row may be there already; without it the statement takes a third less of the server's time, and one that is there fails it
 */
async function copyAll(connection: Connection, work: Backfill, range: KeyRange, size: number, tolerant: boolean): Promise<Chunk> {
  const { way, names, table } = work;
  // What comes from the old version needs no carrying back to it. The server does not know how narrow the range is, and is not to read the whole table for it.
  await connection.rows(
    `SELECT set_config(${way.sets}, '*', true), ${enterCarried(names)}, set_config('enable_seqscan', 'off', true)`,
  );
  const parameters = new Parameters();
  const list = quoteList(way.columns.map(({ name }) => name));
  const key = way.key.map(({ source }) => quote(source));
  const keys = `SELECT ${keyList(way)} FROM ${table.sql} WHERE ${inRange(work, range, parameters)} ORDER BY ${keyList(way)} LIMIT ${size}`;
  const upTo = `(${keyList(way)}) <= (${key.map((name) => `(SELECT ${name} FROM polyshift_last)`).join(', ')})`;
  const rows = `(SELECT ${sourceList(way)} FROM ${table.sql} WHERE ${inRange(work, { after: range.after, to: null }, parameters)} AND ${upTo} FOR KEY SHARE)`;
  const there = tolerant ? `ON CONFLICT (${quoteList(way.key.map(({ target }) => target))}) DO NOTHING` : '';
  const found = await connection.rows<{ count: string; last: string[] | null }>(
    `WITH polyshift_keys AS MATERIALIZED (${keys}),
       polyshift_last AS MATERIALIZED (SELECT * FROM polyshift_keys AS l ORDER BY ${descending(way)} LIMIT 1),
       polyshift_made AS (INSERT INTO ${way.target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM (${way.mapped(rows)}) AS f ${there})
     SELECT count(*) AS count, (SELECT to_json(${keyTexts(way, 'l')}) FROM polyshift_last AS l) AS last FROM polyshift_keys`,
    parameters.values,
  );
  return { count: Number(found[0]!.count), last: found[0]!.last };
}

/** One row at a time, where some of them are refused: these are kept as such, and the others copied. */
async function copyOneByOne(connection: Connection, work: Backfill, range: KeyRange, size: number): Promise<Chunk> {
  const { way } = work;
  const parameters = new Parameters();
  const picked = `SELECT ${sourceList(way)} FROM ${work.table.sql} WHERE ${inRange(work, range, parameters)} ORDER BY ${keyList(way)} LIMIT ${size} FOR KEY SHARE`;
  const rows = await connection.rows<{ count: string; last: string[] | null }>(
    `WITH polyshift_picked AS MATERIALIZED (${picked}),
       polyshift_tried AS MATERIALIZED (SELECT count(${way.settle}(${keyTexts(way, 'p')}, true)) AS tried FROM polyshift_picked AS p)
     SELECT tried AS count, (SELECT to_json(${keyTexts(way, 'l')}) FROM polyshift_picked AS l ORDER BY ${descending(way)} LIMIT 1) AS last FROM polyshift_tried`,
    parameters.values,
  );
  return { count: Number(rows[0]!.count), last: rows[0]!.last };
}

function descending(way: Way): string {
  return way.key.map(({ source }) => `l.${quote(source)} DESC`).join(', ');
}
