import type { AnyOperationInput } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';

describe.each(servers)('what the application writes meanwhile, on %s', (name) => {
  it('is kept when an added column goes', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY)');
    await database.sql('INSERT INTO users VALUES (1), (2), (3)');
    const operation = { type: 'add_field', collection: 'users', data: { field_name: 'tier', default_value: 'free' } } as const;
    await database.up(operation);
    await database.sql("UPDATE users SET tier = 'gold' WHERE id = 2");
    const [note] = await database.down(operation);
    expect(note).toMatch(/^kept 1 values written since in `polyshift_kept_/);
    expect(await database.sql(`SELECT * FROM ${/`.*`/.exec(note!)![0]}`)).toEqual([[2, 'gold']]);
    expect(Object.keys((await database.session.introspect()).collections)).toEqual(['users']);
  });

  it('stops the return of a column that must have a value', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY, name varchar(20) NOT NULL)');
    const operation = { type: 'remove_field', collection: 'users', data: { field_name: 'name' } } as const;
    await database.up(operation);
    // As if the column were not there: neither named nor counted.
    await database.sql('INSERT INTO users VALUES (1)');
    expect(await database.sql('SELECT * FROM users')).toEqual([[1]]);
    await expect(database.down(operation)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await database.sql('DELETE FROM users');
    await database.down(operation);
    const [column] = await database.sql("SHOW COLUMNS FROM users LIKE 'name'");
    expect(column!.slice(0, 3)).toEqual(['name', 'varchar(20)', 'NO']);
  });

  it('converts back with a column, or stops it', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql("CREATE TABLE users (id int PRIMARY KEY, age varchar(10) COMMENT 'in years', KEY by_age (age))");
    await database.sql("INSERT INTO users VALUES (1, '007'), (2, '8')");
    const before = await database.session.fingerprint('users');
    const operation = { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int32' } } as const;
    await database.up(operation);
    expect(await database.sql('SELECT age FROM users ORDER BY id')).toEqual([[7], [8]]);
    await database.sql('INSERT INTO users VALUES (3, 2000000000)');
    await database.down(operation);
    expect(await database.sql('SELECT age FROM users ORDER BY id')).toEqual([['007'], ['8'], ['2000000000']]);
    await database.sql('DELETE FROM users WHERE id = 3');
    expect(await database.session.fingerprint('users')).toEqual(before);

    const narrow = { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'varchar(300)' } } as const;
    await database.up(narrow);
    await database.sql(`UPDATE users SET age = '${'9'.repeat(200)}' WHERE id = 2`);
    await expect(database.down(narrow)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    expect(await database.sql('SELECT CHAR_LENGTH(age) FROM users WHERE id = 2')).toEqual([[200]]);
  });

  it('keeps rows that were changed in place, and times that the store sets come back', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql(
      `CREATE TABLE users (id int PRIMARY KEY, a int, b int, changed_at datetime(6) DEFAULT '2020-01-01' ON UPDATE CURRENT_TIMESTAMP(6))`,
    );
    await database.sql('INSERT INTO users (id, a, b) VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30)');
    const before = await database.session.fingerprint('users');
    // Both from the row as it was: MySQL alone would set b from the new a.
    const operation = { type: 'migrate_data', collection: 'users', data: { set: { a: 'b', b: 'a' } }, batch_size: 2 } as const;
    await database.up(operation);
    expect(await database.sql('SELECT id, a, b FROM users ORDER BY id')).toEqual([
      [1, 10, 1],
      [2, 20, 2],
      [3, 30, 3],
    ]);
    await database.sql('UPDATE users SET a = 99 WHERE id = 2');
    const notes = await database.down(operation);
    expect(notes.join()).toContain('kept 1 rows written since (id=2)');
    await database.sql("UPDATE users SET a = 2, b = 20, changed_at = '2020-01-01' WHERE id = 2");
    expect(await database.session.fingerprint('users')).toEqual(before);
  });

  it('is not lost with a table that a migration created', async () => {
    await using database = await TestDatabase.on(await server(name));
    const operation: AnyOperationInput = {
      type: 'create_collection',
      collection: 'orders',
      data: { fields: [{ name: 'id', type: 'int64' }] },
    };
    await database.up(operation);
    await database.sql('INSERT INTO orders VALUES (1)');
    await expect(database.down(operation)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    expect(await database.sql('SELECT * FROM orders')).toEqual([[1]]);
  });
});
