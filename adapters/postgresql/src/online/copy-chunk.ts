import { PolyshiftError, type RunContext } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection, Database } from '../database.ts';
import { isDataError } from '../errors.ts';
import { quote, quoteList } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import { enterCarried } from './carried.ts';
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
}

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
    return await database.fenced(run.fence, (connection) => copyAll(connection, work, range, size), { lock_timeout_ms: 5_000 });
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

/** The next rows, locked. */
function picked({ table, way }: Backfill, { after, to }: KeyRange, size: number, parameters: Parameters): string {
  const key = way.key.map(({ source }) => requireColumn(table, source));
  const bounds = [
    ...(after ? [compareKey(key, '>', after, parameters.bind)] : []),
    ...(to ? [compareKey(key, '<=', to, parameters.bind)] : []),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  const list = way.sourceColumns.map(({ name }) => quote(name)).join(', ');
  return `SELECT ${list} FROM ${table.sql} ${where} ORDER BY ${quoteList(way.key.map(({ source }) => source))} LIMIT ${size} FOR KEY SHARE`;
}

async function copyAll(connection: Connection, work: Backfill, range: KeyRange, size: number): Promise<Chunk> {
  const { way, names } = work;
  // What comes from the old version needs no carrying back to it.
  await connection.rows(`SELECT set_config(${way.sets}, '*', true), ${enterCarried(names)}`);
  const parameters = new Parameters();
  const list = quoteList(way.columns.map(({ name }) => name));
  const rows = await connection.rows<{ count: string; last: string[] | null }>(
    `WITH polyshift_picked AS MATERIALIZED (${picked(work, range, size, parameters)}),
       polyshift_made AS (INSERT INTO ${way.target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM (${way.mapped('polyshift_picked')}) AS f
         ON CONFLICT (${quoteList(way.key.map(({ target }) => target))}) DO NOTHING)
     SELECT count(*) AS count, (SELECT to_json(${keyTexts(way, 'l')}) FROM polyshift_picked AS l ORDER BY ${descending(way)} LIMIT 1) AS last FROM polyshift_picked`,
    parameters.values,
  );
  return { count: Number(rows[0]!.count), last: rows[0]!.last };
}

/** One row at a time, where some of them are refused: these are kept as such, and the others copied. */
async function copyOneByOne(connection: Connection, work: Backfill, range: KeyRange, size: number): Promise<Chunk> {
  const { way } = work;
  const parameters = new Parameters();
  const rows = await connection.rows<{ count: string; last: string[] | null }>(
    `WITH polyshift_picked AS MATERIALIZED (${picked(work, range, size, parameters)}),
       polyshift_tried AS MATERIALIZED (SELECT count(${way.settle}(${keyTexts(way, 'p')}, true)) AS tried FROM polyshift_picked AS p)
     SELECT tried AS count, (SELECT to_json(${keyTexts(way, 'l')}) FROM polyshift_picked AS l ORDER BY ${descending(way)} LIMIT 1) AS last FROM polyshift_tried`,
    parameters.values,
  );
  return { count: Number(rows[0]!.count), last: rows[0]!.last };
}

function descending(way: Way): string {
  return way.key.map(({ source }) => `l.${quote(source)} DESC`).join(', ');
}
