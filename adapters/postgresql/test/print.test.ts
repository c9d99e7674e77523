import { type AnyOperationInput, down, type Migration, printDown, type StoreSession, status, up } from '@polyshift/core';
import { describe, expect, test } from 'vitest';
import postgresql from '../src/index.ts';
import { migrationOf, testDatabase } from './harness.ts';

const { capabilities } = postgresql;
const users = `CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, n int);
  INSERT INTO users VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', NULL)`;

/** What the tables of the cases are. */
async function fingerprints(session: StoreSession) {
  return await Promise.all(['users', 'new', 'copies'].map((name) => session.fingerprint(name)));
}

interface WrittenCase {
  readonly title: string;
  readonly operation: AnyOperationInput;
  /** What the application writes before the script is run. */
  readonly write: string;
  /** What the script fails with. */
  readonly error: RegExp;
  /** What lets it through. */
  readonly correct: string;
}

/** Where `down` refuses with WRITTEN_SINCE. */
const refusals: WrittenCase[] = [
  {
    title: 'rows in a table that was created',
    operation: { type: 'create_collection', collection: 'new', data: { fields: [{ name: 'a', type: 'int32' }] } },
    write: 'INSERT INTO new VALUES (1)',
    error: /^polyshift: WRITTEN_SINCE: new holds rows/,
    correct: 'DELETE FROM new',
  },
  {
    title: 'a changed row in a table that was extracted',
    operation: { type: 'extract', collection: 'users', data: { into: 'copies', fields: ['id', 'name'], key: ['id'] } },
    write: "UPDATE copies SET name = 'x' WHERE id = 1",
    error: /^polyshift: WRITTEN_SINCE: copies was written to since/,
    correct: "UPDATE copies SET name = 'one' WHERE id = 1",
  },
  {
    title: 'rows without the value of a removed field',
    operation: { type: 'remove_field', collection: 'users', data: { field_name: 'name' } },
    write: 'INSERT INTO users (id) VALUES (9)',
    error: /^polyshift: WRITTEN_SINCE: rows were written since name was removed/,
    correct: 'DELETE FROM users WHERE id = 9',
  },
  {
    title: 'nulls where NOT NULL was dropped',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_name', not_null: 'name' } },
    write: 'UPDATE users SET name = NULL WHERE id = 2',
    error: /^polyshift: WRITTEN_SINCE: rows of users have null in name now/,
    correct: "UPDATE users SET name = 'two' WHERE id = 2",
  },
  {
    title: 'values that do not convert back',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'n', to: 'text' } },
    write: "UPDATE users SET n = '007' WHERE id = 2",
    error: /^the value 007 does not convert back exactly/,
    correct: "UPDATE users SET n = '2' WHERE id = 2",
  },
  {
    title: 'duplicates where the primary key was dropped',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_pkey' } },
    write: "INSERT INTO users VALUES (1, 'again', 1)",
    error: /^could not create unique index/,
    correct: "DELETE FROM users WHERE name = 'again'",
  },
];

describe('a printed script and what the application has written since', () => {
  test.each(refusals)(
    'refuses $title, with nothing changed, and goes through afterwards',
    async ({ operation, write, error, correct }) => {
      await using database = await testDatabase(users);
      const { session, client } = database;
      const before = await fingerprints(session);
      const migrations = [migrationOf('1', [operation])];
      await up({ session, migrations });
      const { text } = await printDown({ session, migrations, capabilities });
      await client.query(write);
      const written = await fingerprints(session);
      await expect(client.query(text)).rejects.toThrow(error);
      await client.query('ROLLBACK');
      expect(await fingerprints(session)).toEqual(written);
      await expect(down({ session, migrations })).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
      await client.query(correct);
      // That down has tried is a state of its own.
      await client.query((await printDown({ session, migrations, capabilities })).text);
      expect(await fingerprints(session)).toEqual(before);
      expect((await status({ session, migrations })).current_version).toBeNull();
    },
  );

  test('keeps what down keeps: values in a column that goes, and rows that were changed again', async () => {
    await using database = await testDatabase(users);
    const { session, client, sql } = database;
    const migrations = [
      migrationOf('1', [
        { type: 'add_field', collection: 'users', data: { field_name: 'tier', type: 'text', default_value: 'x' } },
      ]),
      migrationOf('2', [{ type: 'migrate_data', collection: 'users', data: { set: { name: "name || '!'" } } }]),
    ];
    await up({ session, migrations });
    await client.query("UPDATE users SET tier = 'gold', name = 'mine' WHERE id = 1");
    const warnings: (string | undefined)[] = [];
    client.on('notice', ({ message }) => warnings.push(message));
    await client.query((await printDown({ session, migrations, capabilities }, { to: '0' })).text);
    expect(await sql('SELECT id, name FROM users ORDER BY id')).toEqual([
      { id: 1, name: 'mine' },
      { id: 2, name: 'two' },
      { id: 3, name: 'three' },
    ]);
    expect(warnings).toEqual([
      'polyshift: kept 1 rows written since',
      expect.stringMatching(/^polyshift: kept values written since in "polyshift_kept"/),
    ]);
    const [table] = await sql(
      `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relnamespace = 'polyshift_kept'::regnamespace`,
    );
    expect(await sql(`SELECT * FROM ${table!['name'] as string}`)).toEqual([{ id: 1, tier: 'gold' }]);
  });
});

describe('what users have written themselves', () => {
  const own = (downScript: string, transaction = true): Migration[] => [
    migrationOf('1', [
      { type: 'run_sql', collection: '*', data: { up: 'CREATE TABLE notes (id int)', down: downScript, transaction } },
    ]),
  ];

  test('stands in the script as it was written, and changes no setting for what comes after it', async () => {
    await using database = await testDatabase();
    const { session, client } = database;
    const written = `SET search_path = pg_catalog; SET TimeZone = 'Asia/Tokyo'; /* mine */ DROP TABLE public.notes -- done; not ended`;
    const migrations = own(written);
    await up({ session, migrations });
    const { text } = await printDown({ session, migrations, capabilities });
    expect(text).toContain('/* mine */ DROP TABLE public.notes');
    await client.query(text);
    expect(await session.introspect(['notes'])).toMatchObject({ collections: {} });
    expect((await status({ session, migrations })).migrations[0]!.state).toBe('rolled_back');
  });

  test('is refused whole where a statement cannot be part of a transaction', async () => {
    await using database = await testDatabase();
    const { session } = database;
    const migrations = own('DROP TABLE notes;\nVACUUM', false);
    await up({ session, migrations });
    await expect(printDown({ session, migrations, capabilities })).rejects.toMatchObject({
      code: 'NOT_SCRIPTABLE',
      message: expect.stringContaining('line 2'),
    });
  });

  test('takes the place of the exact undo where a migration brings its own down, and what was kept goes', async () => {
    await using database = await testDatabase(users);
    const { session, client, sql } = database;
    const migration = migrationOf('1', [{ type: 'remove_field', collection: 'users', data: { field_name: 'n' } }]);
    const [operation] = migrationOf('1', [
      { type: 'run_sql', collection: '*', data: { up: 'ALTER TABLE users ADD COLUMN n bigint' } },
    ]).operations;
    const migrations = [{ ...migration, down: [operation!] }];
    await up({ session, migrations });
    await client.query((await printDown({ session, migrations, capabilities })).text);
    const columns = await sql(`SELECT attname, atttypid::regtype::text AS type FROM pg_attribute
      WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`);
    expect(columns.map(({ attname, type }) => `${attname as string} ${type as string}`)).toEqual([
      'id integer',
      'name text',
      'n bigint',
    ]);
    expect((await status({ session, migrations })).migrations[0]!.state).toBe('rolled_back');
    expect((await up({ session, migrations })).migrations).toHaveLength(1);
  });
});
