import { type AnyOperationInput, down, type Migration, printDown, type StoreSession, status, unlock, up } from '@polyshift/core';
import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import mysql from '../src/index.ts';
import { migrationOf, server, servers, TestDatabase } from './harness.ts';

const { capabilities } = mysql;
const users = [
  'CREATE TABLE users (id int PRIMARY KEY, name varchar(40) NOT NULL, n int)',
  "INSERT INTO users VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', NULL)",
];

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
    error: /'polyshift WRITTEN_SINCE: new holds rows/,
    correct: 'DELETE FROM new',
  },
  {
    title: 'a changed row in a table that was extracted',
    operation: { type: 'extract', collection: 'users', data: { into: 'copies', fields: ['id', 'name'], key: ['id'] } },
    write: "UPDATE copies SET name = 'x' WHERE id = 1",
    error: /'polyshift WRITTEN_SINCE: copies was written to since/,
    correct: "UPDATE copies SET name = 'one' WHERE id = 1",
  },
  {
    title: 'rows without the value of a removed field',
    operation: { type: 'remove_field', collection: 'users', data: { field_name: 'name' } },
    write: 'INSERT INTO users (id) VALUES (9)',
    error: /'polyshift WRITTEN_SINCE: rows written since name was removed/,
    correct: 'DELETE FROM users WHERE id = 9',
  },
  {
    title: 'nulls where NOT NULL was dropped',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_name', not_null: 'name' } },
    write: 'UPDATE users SET name = NULL WHERE id = 2',
    error: /'polyshift WRITTEN_SINCE: rows of users have null in name now/,
    correct: "UPDATE users SET name = 'two' WHERE id = 2",
  },
  {
    title: 'values that do not convert back',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'n', to: 'text' } },
    write: "UPDATE users SET n = '007' WHERE id = 2",
    error: /'polyshift WRITTEN_SINCE: values of n were written since/,
    correct: "UPDATE users SET n = '2' WHERE id = 2",
  },
];

describe.each(servers)('a printed script on %s', (name) => {
  test.each(refusals)('refuses $title, keeps them, and goes through afterwards', async ({ operation, write, error, correct }) => {
    await using database = await TestDatabase.on(await server(name));
    const { session } = database;
    for (const statement of users) await database.sql(statement);
    const before = await fingerprints(session);
    const migrations = [migrationOf([operation])];
    await up({ session, migrations });
    const { text } = await printDown({ session, migrations, capabilities });
    await database.sql(write);
    const written = await fingerprints(session);
    await expect(run(database, text)).rejects.toThrow(error);
    expect(await fingerprints(session)).toEqual(written);
    // The script has the lock still, as whoever reads its error is told.
    await expect(down({ session, migrations })).rejects.toMatchObject({ code: 'LOCKED' });
    await unlock(session);
    await expect(down({ session, migrations })).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await database.sql(correct);
    await run(database, (await printDown({ session, migrations, capabilities })).text);
    expect(await fingerprints(session)).toEqual(before);
    expect((await status({ session, migrations })).current_version).toBeNull();
  });

  test('keeps values that were written into a column that goes', async () => {
    await using database = await TestDatabase.on(await server(name));
    const { session } = database;
    for (const statement of users) await database.sql(statement);
    const migrations = [
      migrationOf([{ type: 'add_field', collection: 'users', data: { field_name: 'tier', type: 'text', default_value: 'x' } }]),
    ];
    await up({ session, migrations });
    await database.sql("UPDATE users SET tier = 'gold' WHERE id = 1");
    await run(database, (await printDown({ session, migrations, capabilities })).text);
    const [[table]] = (await database.sql("SHOW TABLES LIKE 'polyshift_kept%'")) as [[string]];
    expect(await database.sql(`SELECT * FROM \`${table}\``)).toEqual([[1, 'gold']]);
  });

  test('tells clients where the body of a routine ends, and counts what users have written', async () => {
    await using database = await TestDatabase.on(await server(name));
    const { session } = database;
    const routine = 'CREATE PROCEDURE twice(n int) BEGIN SELECT n; SELECT n; END';
    const migrations = [
      migrationOf([
        { type: 'run_sql', collection: '*', data: { up: 'CREATE TABLE notes (id int)', down: `DROP TABLE notes; ${routine}` } },
      ]),
    ];
    await up({ session, migrations });
    const { text, statements } = await printDown({ session, migrations, capabilities });
    expect(text).toContain(`DELIMITER //\n${routine}//\nDELIMITER ;\n`);
    const connection = await createConnection({ uri: database.url });
    try {
      const dropped = statements.findIndex((statement) => statement.endsWith('DROP TABLE notes'));
      for (const statement of statements.slice(0, dropped + 2)) await connection.query(statement);
    } finally {
      await connection.end();
    }
    await unlock(session);
    // Not from the start, where there is nothing to drop any more.
    await down({ session, migrations });
    expect(await database.sql("SHOW PROCEDURE STATUS WHERE Db = DATABASE() AND Name = 'twice'")).toHaveLength(1);
  });

  test('is not written where down operations of the user could not be resumed', async () => {
    await using database = await TestDatabase.on(await server(name));
    const { session } = database;
    for (const statement of users) await database.sql(statement);
    const migration = migrationOf([{ type: 'remove_field', collection: 'users', data: { field_name: 'n' } }]);
    const migrations: Migration[] = [{ ...migration, down: migration.operations }];
    await up({ session, migrations });
    await expect(printDown({ session, migrations, capabilities })).rejects.toMatchObject({ code: 'NOT_SCRIPTABLE' });
  });
});

/** What the tables of the cases are. */
async function fingerprints(session: StoreSession) {
  return await Promise.all(['users', 'new', 'copies'].map((name) => session.fingerprint(name)));
}

async function run(database: TestDatabase, text: string): Promise<void> {
  const connection = await createConnection({ uri: database.url, multipleStatements: true });
  try {
    await connection.query(text);
  } finally {
    await connection.end();
  }
}
