import { finalize, status } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migrationOf, server, servers, TestDatabase } from './harness.ts';

const remove = { type: 'remove_field', collection: 'users', data: { field_name: 'name' } } as const;
const users = ['CREATE TABLE users (id int PRIMARY KEY, name varchar(20))', "INSERT INTO users VALUES (1, 'a')"];

describe.each(servers)('a removed column on %s', (name) => {
  it('stays kept where another database of the server finalizes the same step', async () => {
    await using one = await TestDatabase.on(await server(name));
    await using other = await TestDatabase.on(await server(name));
    for (const database of [one, other]) {
      for (const statement of users) await database.sql(statement);
      await database.up(remove);
    }
    await finalize({ session: one.session, migrations: [migrationOf([remove])] }, { version: '1' });
    await other.down(remove);
    expect(await other.sql('SELECT * FROM users')).toEqual([[1, 'a']]);
  });

  it('counts for its own database alone', async () => {
    await using one = await TestDatabase.on(await server(name));
    await using other = await TestDatabase.on(await server(name));
    for (const database of [one, other]) {
      for (const statement of users) await database.sql(statement);
      await database.up(remove);
    }
    expect((await status({ session: one.session, migrations: [] })).kept.rows).toBe(1);
  });
});
