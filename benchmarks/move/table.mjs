import pg from 'pg';

/** The table that is moved: 11 columns of mixed types, the same rows every time, about 200 bytes of text each. */
export const table = 'people';

const columns = `
  id bigint PRIMARY KEY, external_id uuid NOT NULL, name text NOT NULL, email varchar(120), age integer, balance numeric(12,2),
  score double precision, active boolean NOT NULL, tags text[], settings jsonb, created_at timestamptz NOT NULL`;

const values = `
  SELECT i, md5(i::text)::uuid, 'Person ' || i || ' of the town', 'person' || i || '@example.org',
    CASE WHEN i % 50 = 0 THEN NULL ELSE (i % 90)::int END, (i % 1000000) / 100.0, i / 7.0::float8, i % 3 = 0,
    ARRAY['a' || i % 10, 'tag,' || i % 7], jsonb_build_object('theme', 'dark', 'size', i % 20, 'list', jsonb_build_array(1, 2.5, 'x')),
    timestamptz '2020-01-01 00:00:00.123+00' + i * interval '1 second'
  FROM generate_series(1, $1) AS i`;

/** Makes the table with so many rows; with `create` its database first, by a connection to another one. */
export async function makeTable(url, rows, { create } = {}) {
  if (create) await run(create, (client) => client.query(`CREATE DATABASE ${new URL(url).pathname.slice(1)}`));
  await run(url, async (client) => {
    await client.query(`CREATE TABLE ${table} (${columns})`);
    await client.query(`INSERT INTO ${table} ${values}`, [rows]);
    await client.query(`VACUUM ANALYZE ${table}`);
  });
}

async function run(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
