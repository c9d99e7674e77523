import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { type CopyValue, copyRows } from './copy-rows.ts';

/** How to make and fill one table. */
interface VegaTable {
  readonly table: string;
  /** Column names and types; a column that is not loaded fills itself. */
  readonly columns: Readonly<Record<string, string>>;
  readonly loaded: readonly string[];
  rows(data: string): Iterable<readonly CopyValue[]>;
}

const identity = 'bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY';

// Column of the table, name in the file, type. Titles hold numbers and wrongly decoded letters, release dates lie in the
// future, most columns have nulls: all of it stays as it is.
const movieColumns = [
  ['title', 'Title', 'text'],
  ['us_gross', 'US Gross', 'bigint'],
  ['worldwide_gross', 'Worldwide Gross', 'bigint'],
  ['us_dvd_sales', 'US DVD Sales', 'bigint'],
  ['production_budget', 'Production Budget', 'bigint'],
  ['release_date', 'Release Date', 'text'],
  ['mpaa_rating', 'MPAA Rating', 'text'],
  ['running_time_min', 'Running Time min', 'int'],
  ['distributor', 'Distributor', 'text'],
  ['source', 'Source', 'text'],
  ['major_genre', 'Major Genre', 'text'],
  ['creative_type', 'Creative Type', 'text'],
  ['director', 'Director', 'text'],
  ['rotten_tomatoes_rating', 'Rotten Tomatoes Rating', 'int'],
  ['imdb_rating', 'IMDB Rating', 'numeric'],
  ['imdb_votes', 'IMDB Votes', 'int'],
] as const;

const flightColumns = ['date', 'delay', 'distance', 'origin', 'destination'] as const;
const zipColumns = ['zip_code', 'latitude', 'longitude', 'city', 'state', 'county'] as const;

/** The tables, by the file of the npm package `vega-datasets` that they come from. */
const tables: Readonly<Record<string, VegaTable>> = {
  'movies.json': {
    table: 'movies',
    columns: { id: identity, ...Object.fromEntries(movieColumns.map(([column, , type]) => [column, type])) },
    loaded: movieColumns.map(([column]) => column),
    rows: (data) => parseJson(data).map((movie) => movieColumns.map(([, name]) => movie[name] ?? null)),
  },
  'zipcodes.csv': {
    table: 'zip_codes',
    columns: {
      zip_code: 'text PRIMARY KEY',
      latitude: 'numeric',
      longitude: 'numeric',
      city: 'text',
      state: 'text',
      county: 'text',
    },
    loaded: zipColumns,
    // The file quotes nothing.
    rows: (data) =>
      data
        .trimEnd()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(',')),
  },
  'flights-20k.json': {
    table: 'flights',
    // The date is text such as 2001/01/01 00:47, without a time zone.
    columns: { id: identity, date: 'text', delay: 'int', distance: 'int', origin: 'text', destination: 'text' },
    loaded: flightColumns,
    rows: (data) => parseJson(data).map((flight) => flightColumns.map((column) => flight[column] ?? null)),
  },
};

/**
 * Makes the tables `movies` (3,201 rows), `zip_codes` (42,049) and `flights` (20,000) from the npm package `vega-datasets`,
 * as messy as they are, and replaces what has these names. Needs no network.
 * @param url Connection URL of a PostgreSQL database.
 * @param schema The schema; created when missing. Default `public`.
 * @returns How many rows each table got.
 * @throws the driver's error when the server does not answer or the user may not create tables.
 */
export async function loadVega(url: string, schema = 'public'): Promise<{ movies: number; zip_codes: number; flights: number }> {
  const counts = { movies: 0, zip_codes: 0, flights: 0 };
  const folder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`);
    for (const [file, { table, columns, loaded, rows }] of Object.entries(tables)) {
      const name = `${escapeIdentifier(schema)}.${table}`;
      const definitions = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
      await client.query(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${definitions.join(', ')})`);
      const data = readFileSync(join(folder, file), 'utf8');
      counts[table as keyof typeof counts] = await copyRows(client, { schema, table, columns: loaded }, rows(data));
      await client.query(`ANALYZE ${name}`);
    }
    return counts;
  } finally {
    await client.end();
  }
}

function parseJson(data: string): Record<string, string | number | null>[] {
  return JSON.parse(data) as Record<string, string | number | null>[];
}
