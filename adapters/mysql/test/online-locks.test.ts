import type { AnyOperationInput } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { server, servers, TestDatabase } from './harness.ts';

const operation: AnyOperationInput = {
  type: 'online_change',
  collection: 'users',
  data: { operations: [{ type: 'rename_field', data: { old_name: 'note', new_name: 'remark' } }] },
};

/** A writer who locks a gap makes others wait who insert into it, and two of them end in a deadlock. */
describe.each(servers)('locks of a write to one of two versions on %s', (name) => {
  it.each([
    'INSERT INTO users (id) VALUES (5)',
    "UPDATE users SET note = 'x' WHERE id = 1",
    'DELETE FROM users WHERE id = 1',
    'INSERT INTO users__v1 (id) VALUES (5)',
    "UPDATE users__v1 SET remark = 'x' WHERE id = 1",
    'DELETE FROM users__v1 WHERE id = 1',
  ])('are of the row alone: %s', async (statement) => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id bigint PRIMARY KEY, note longtext)');
    await database.sql('INSERT INTO users (id) VALUES (1), (10)');
    await database.up(operation);
    await database.sql('SET GLOBAL innodb_status_output_locks = ON');
    await database.sql('BEGIN');
    await database.sql('SELECT * FROM users');
    await database.sql(statement);
    const status = String((await database.sql('SHOW ENGINE INNODB STATUS'))[0]![2]);
    await database.sql('ROLLBACK');
    const schema = new URL(database.url).pathname.slice(1);
    const locks = status.split('\n').filter((line) => /LOCKS? /.test(line) && line.includes(`\`${schema}\`.\`users`));
    expect(locks.filter((line) => line.startsWith('TABLE LOCK'))).not.toEqual([]);
    for (const line of locks) expect(line).toMatch(/lock mode IX|lock_mode X locks rec but not gap/);
  });
});
