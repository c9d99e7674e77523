import { checkOperation, down, finalize, type Migration, migrationChecksum, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';
import { onlineChange } from './online-harness.ts';

function migration(version: string, from: string, to: string): Migration {
  const operations = [
    checkOperation(onlineChange({ operations: [{ type: 'rename_field', data: { old_name: from, new_name: to } }] })),
  ];
  return { version, name: 'test', operations, checksum: migrationChecksum({ operations }), file: `${version}_test.json` };
}

describe.each(servers)('one online change after the other on %s', (name) => {
  it('keeps the name that the application uses until the next version takes its place', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY, a varchar(20))');
    await database.sql("INSERT INTO users VALUES (1, 'x')");
    const runner = { session: database.session, migrations: [migration('1', 'a', 'b')] };
    await up(runner);
    const two = { ...runner, migrations: [...runner.migrations, migration('2', 'b', 'c')] };
    await expect(up(two)).rejects.toMatchObject({ code: 'VERSION_OPEN' });
    await finalize(runner, { version: '1', old_version_ended: true });

    await up(two);
    // The application of version 1 still uses the name that it was given, of version 2 the new one.
    await database.sql("INSERT INTO users__v1 (id, b) VALUES (2, 'y')");
    await database.sql("INSERT INTO users__v2 (id, c) VALUES (3, 'z')");
    const rows = [
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ];
    for (const table of ['users', 'users__v1', 'users__v2'])
      expect(await database.sql(`SELECT * FROM ${table} ORDER BY id`), table).toEqual(rows);
    await down(two);
    expect(await database.sql('SELECT id, b FROM users__v1 ORDER BY id')).toEqual(rows);

    await up(two);
    await finalize(two, { version: '2', old_version_ended: true });
    expect(await database.sql("SHOW FULL TABLES LIKE 'users%'")).toEqual([
      ['users', 'BASE TABLE'],
      ['users__v2', 'VIEW'],
    ]);
    expect(await database.sql('SELECT id, c FROM users ORDER BY id')).toEqual(rows);
  });
});
