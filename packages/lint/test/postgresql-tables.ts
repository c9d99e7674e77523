import type { SharedServer } from '@polyshift/testkit/vitest';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';

/** The tables that the examples of the rules speak of. */
export const exampleTables = `
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

/** A connection whose schema has the tables of the examples, from before the first test of a file until after its last. */
export function exampleClient({ url }: SharedServer, schema: string): pg.Client {
  const client = new pg.Client(url);
  beforeAll(async () => {
    await client.connect();
    await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(`SET search_path = ${schema}`);
    await client.query(exampleTables);
  });
  afterAll(async () => {
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    await client.end();
  });
  return client;
}
