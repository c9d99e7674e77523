import { sharedServer } from '@polyshift/testkit/vitest';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockModes } from '../src/postgresql/rule.ts';
import { postgresqlRules } from '../src/rules/postgresql-rules.ts';

const server = await sharedServer('postgresql');
const schema = `lint_${process.pid}`;
const client = new pg.Client(server.url);

beforeAll(async () => {
  await client.connect();
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`SET search_path = ${schema}`);
  await client.query(tables);
});

afterAll(async () => {
  await client.query(`DROP SCHEMA ${schema} CASCADE`);
  await client.end();
});

/** The tables that the examples of the rules speak of. */
const tables = `
  CREATE TABLE users (
    id bigint PRIMARY KEY, name text, email varchar(50), age int, state text, mood text, created timestamp
  );
  CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric(10, 2));
  CREATE TABLE logs (id bigint NOT NULL, line text, line_length int GENERATED ALWAYS AS (length(line)) STORED);
  CREATE INDEX users_name ON users (name);
  CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE events_2026 (LIKE events);
  CREATE VIEW named AS SELECT id, name FROM users WHERE name <> '';
  CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) FROM orders GROUP BY user_id;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE FUNCTION my_function() RETURNS text LANGUAGE sql AS 'SELECT 1';
  CREATE TRIGGER audit BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE POLICY own ON users USING (true);
  ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID;
  INSERT INTO users (id, name, email, age) SELECT n, 'name ' || n, n, n + 17 FROM generate_series(1, 100) n;
`;

const claims = Object.values(postgresqlRules).flatMap((rule) =>
  'claim' in rule && rule.claim ? [{ ...rule, claim: rule.claim, statement: rule.examples.unsafe[0] }] : [],
);

test('rules claim locks', () => expect(claims.length).toBeGreaterThan(20));

test.each(claims)('$code $name: $statement', async ({ claim, statement }) => {
  const relation = await client.query('SELECT $1::regclass::oid AS oid', [`${schema}.${claim.table ?? 'users'}`]);
  const { oid } = relation.rows[0];
  // Null once the table is dropped.
  const file = async () => (await client.query('SELECT pg_relation_filenode($1::oid) AS file', [oid])).rows[0].file;
  const before = await file();
  await client.query('BEGIN');
  try {
    await client.query(statement);
    const locks = await client.query('SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = $1 AND granted', [
      oid,
    ]);
    const modes = locks.rows.map(({ mode }) => lockName(mode));
    modes.sort((left, right) => lockModes.indexOf(right) - lockModes.indexOf(left));
    expect(modes[0]).toBe(claim.mode);
    expect(![before, null].includes(await file())).toBe(claim.rewrites);
  } finally {
    await client.query('ROLLBACK');
  }
});

/** `AccessExclusiveLock` as the manual writes it. */
function lockName(mode: string): (typeof lockModes)[number] {
  const name = mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return name as (typeof lockModes)[number];
}
