import type pg from 'pg';

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

/** Makes a schema with the tables of the examples, and makes it the one of the session. */
export async function createExampleTables(client: pg.Client, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`SET search_path = ${schema}`);
  await client.query(exampleTables);
}
