import pg from 'pg';

/** The table whose rows are filled: a key and seven columns of text, numbers and times, about 110 bytes each. */
const make = [
  `CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text, city text, quantity integer, amount numeric(12,2),
     created_at timestamptz NOT NULL, note text)`,
  (
    rows,
  ) => `INSERT INTO users SELECT i, 'User Number ' || i, 'user' || i || '@example.org', 'City ' || i % 500, i % 100000, (i % 100000) / 100.0,
     timestamptz '2020-01-01 00:00:00+00' + i * interval '1 minute', md5(i::text) FROM generate_series(1, ${rows}) AS i`,
  'VACUUM ANALYZE users',
];

const template = 'template_users';
let made = 0;

function urlOf(server, name) {
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs statements one by one; gives the rows of the last one. */
export async function query(url, ...statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Makes the database that each run gets a copy of. */
export async function makeTemplate(server, rows) {
  await query(server.url, `CREATE DATABASE ${template}`);
  await query(urlOf(server, template), ...make.map((each) => (typeof each === 'string' ? each : each(rows))));
}

/** A database with the table, whose pages are all on disk. */
export async function freshDatabase(server) {
  const name = `run_${++made}`;
  await query(server.url, `CREATE DATABASE ${name} TEMPLATE ${template}`, 'CHECKPOINT');
  return { url: urlOf(server, name), drop: () => query(server.url, `DROP DATABASE ${name} WITH (FORCE)`) };
}
