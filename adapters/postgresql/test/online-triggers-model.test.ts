import { up, verify } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, type TestDatabase, testDatabase } from './harness.ts';

/** The same tables, keys and triggers in two schemas: one that gets two versions, and one that shows what one table would do. */
const setUp = ['public', 'twin'].map(
  (schema) => `
CREATE SCHEMA IF NOT EXISTS ${schema}; SET search_path = ${schema};
CREATE TABLE users (id integer PRIMARY KEY, mail text, age integer, changes integer NOT NULL DEFAULT 0,
  parent integer, friend integer);
CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE audit (id bigserial PRIMARY KEY, trigger text, how text, row text);
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO ${schema}.audit (trigger, how, row) VALUES (TG_NAME, TG_OP, concat_ws(' ', OLD.id, NEW.id, NEW.age, NEW.changes, NEW.parent, NEW.friend)); RETURN NULL; END $$;
CREATE FUNCTION audit_statement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO ${schema}.audit (trigger, how) VALUES (TG_NAME, TG_OP); RETURN NULL; END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changes := NEW.changes + 1; RETURN NEW; END $$;
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE users SET age = age + 1 WHERE id = NEW.id AND age % 5 = 0; RETURN NULL; END $$;
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ${schema}.users SET age = age + 1 WHERE id = 1; RETURN NULL; END $$;
CREATE TRIGGER a_row AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION audit_row();
CREATE TRIGGER b_touch BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER c_statement AFTER INSERT ON users FOR EACH STATEMENT EXECUTE FUNCTION audit_statement();
CREATE TRIGGER d_again AFTER UPDATE OF mail ON users FOR EACH ROW EXECUTE FUNCTION again();
CREATE CONSTRAINT TRIGGER e_late AFTER INSERT OR UPDATE OF age ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.age > 10) EXECUTE FUNCTION audit_row();
CREATE TRIGGER back AFTER DELETE ON orders FOR EACH ROW EXECUTE FUNCTION back();
RESET search_path`,
);

/** Triggers that write to other rows of the statement that fires them: in which order is the store's own. */
const siblings = `
CREATE FUNCTION siblings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('UPDATE %I.users SET friend = NULL, age = age + 1 WHERE id BETWEEN $1 - 2 AND $1 + 2 AND id <> $1 AND (friend = $2 OR age = $3)', TG_TABLE_SCHEMA) USING NEW.id, NEW.friend, NEW.age;
  EXECUTE format('DELETE FROM %I.users WHERE id = $1 + 1 AND age = 22', TG_TABLE_SCHEMA) USING NEW.id; RETURN NULL; END $$;
CREATE TRIGGER f_siblings AFTER INSERT OR UPDATE OF age, friend ON users FOR EACH ROW WHEN (pg_trigger_depth() < 3) EXECUTE FUNCTION siblings();
`;

const rows = ['public', 'twin']
  .map(
    (schema) => `
SET search_path = ${schema}; DELETE FROM orders; DELETE FROM users;
INSERT INTO users SELECT g, 'm' || g, g, 0, CASE WHEN g % 3 = 0 THEN g / 3 END, CASE WHEN g % 4 = 0 THEN g - 1 END FROM generate_series(1, 20) AS g;
INSERT INTO orders SELECT g, g FROM generate_series(1, 20) AS g; DELETE FROM audit; RESET search_path`,
  )
  .join('; ');

const key = fc.integer({ min: 1, max: 24 });
const statement = fc.oneof(
  fc
    .tuple(key, key, key)
    .map(([id, age, parent]) => `INSERT INTO users (id, A, age, parent) VALUES (${id}, 'i', ${age}, ${parent})`),
  fc
    .tuple(key, key)
    .map(
      ([id, age]) =>
        `INSERT INTO users (id, age) VALUES (${id}, ${age}) ON CONFLICT (id) DO UPDATE SET age = excluded.age, A = 'c'`,
    ),
  fc.tuple(key, key).map(([id, age]) => `INSERT INTO users (id, age) VALUES (${id}, ${age}) ON CONFLICT DO NOTHING`),
  fc.tuple(key, key).map(([from, age]) => `UPDATE users SET age = ${age}, A = A || 'x' WHERE id BETWEEN ${from} AND ${from + 3}`),
  fc
    .tuple(key, key)
    .map(
      ([id, age]) =>
        `INSERT INTO users (id, A, age, friend) SELECT ${id} + g, 'several', ${age}, 1 + g / 3 FROM generate_series(0, 2) AS g`,
    ),
  fc
    .tuple(key, key)
    .map(([id, friend]) => `UPDATE users SET friend = ${friend}, age = age + 1 WHERE id BETWEEN ${id} AND ${id + 4}`),
  fc.tuple(key).map(([id]) => `UPDATE users SET id = id + 30, A = 'moved' WHERE id BETWEEN ${id} AND ${id + 3}`),
  fc.tuple(key, key).map(([id, friend]) => `UPDATE users SET friend = ${friend} WHERE id = ${id}`),
  fc.tuple(key, key).map(([id, parent]) => `UPDATE users SET parent = ${parent} WHERE id = ${id} AND id > ${parent}`),
  fc.tuple(key, key).map(([from, to]) => `UPDATE users SET id = ${to} WHERE id = ${from}`),
  fc.tuple(key).map(([id]) => `DELETE FROM users WHERE id = ${id}`),
  // The first row is one that a trigger of another table writes to.
  fc.tuple(key).map(([id]) => `DELETE FROM users WHERE id IN (${id + 1}, ${id + 2})`),
  fc
    .tuple(key, key)
    .map(([id, user]) => `INSERT INTO orders VALUES (${id}, ${user}) ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id`),
);
/** Statements of one transaction, each on one of the versions. */
const transaction = fc.array(fc.tuple(fc.constantFrom('public', 'public_0002, public'), statement), {
  minLength: 1,
  maxLength: 4,
});

const run = async (database: TestDatabase, statements: readonly string[]): Promise<string> => {
  const code = await database.sql(`BEGIN; ${statements.join('; ')}; COMMIT`).then(
    () => 'done',
    (error: { code?: string }) => error.code!,
  );
  await database.sql('ROLLBACK');
  return code;
};

const state = async (database: TestDatabase, schema: string): Promise<unknown> => ({
  users: await database.sql(`SELECT * FROM ${schema}.users ORDER BY id`),
  orders: await database.sql(`SELECT * FROM ${schema}.orders ORDER BY id`),
  audit: await database.sql(
    `SELECT trigger, how, row, count(*)::int FROM ${schema}.audit GROUP BY 1, 2, 3 ORDER BY trigger COLLATE "C", how, row COLLATE "C"`,
  ),
});

const unsettled = 'polyshift_aside_0002_0.unsettled_writes';
const settle = `DO $$ DECLARE w record; BEGIN FOR w IN SELECT * FROM ${unsettled} ORDER BY at LOOP
  IF w.side = 'old' THEN PERFORM polyshift_aside_0002_0.settle_old(w.key, false); ELSE PERFORM polyshift_aside_0002_0.settle_new(w.key, false); END IF; END LOOP; END $$`;

/** Rows of one version that are not those of the other. */
const versions = `(SELECT id, mail, age, changes, parent, friend FROM public.users EXCEPT SELECT id, email, age, changes, parent, friend FROM public_0002.users)
UNION ALL (SELECT id, email, age, changes, parent, friend FROM public_0002.users EXCEPT SELECT id, mail, age, changes, parent, friend FROM public.users)`;

const operations = [
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'add_field', data: { field_name: 'extra', default_value: 7 } },
];

describe('any writes of both versions', () => {
  it.each([
    { name: 'fire triggers as often, and with the same rows, as those of one table', more: [] },
    { name: 'leave the same in both, whatever rows triggers write to', more: [siblings] },
  ])(
    '$name',
    async ({ more }) => {
      await using database = await testDatabase(...setUp, ...more);
      const migrations = [migrationOf('0002', [{ type: 'online_change', collection: 'users', data: { operations } } as never])];
      const runner = { session: database.session, migrations };
      await up(runner);
      await fc.assert(
        fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 6 }), async (transactions) => {
          await database.sql(rows);
          for (const statements of transactions) {
            const told = JSON.stringify(statements);
            const named = (path: string) =>
              statements.map(
                ([own, sql]) =>
                  `SET LOCAL search_path = ${path || own}; ${sql.replaceAll(/\bA\b/g, (path || own) === 'public_0002, public' ? 'email' : 'mail')}`,
              );
            const code = await run(database, named(''));
            // What waits is carried by the next command.
            await database.sql(settle);
            expect(await database.sql(`SELECT * FROM ${unsettled}`), told).toEqual([]);
            expect(await database.sql(versions), told).toEqual([]);
            if (more.length > 0) continue;
            expect(code, told).toBe(await run(database, named('twin')));
            expect(await state(database, 'public'), told).toEqual(await state(database, 'twin'));
          }
        }),
        { numRuns: 8, endOnFailure: true },
      );
      expect(failed((await verify(runner)).checks)).toEqual([]);
    },
    400_000,
  );
});
