import { fileURLToPath } from 'node:url';
import { down, finalize, loadMigrations, status, switchVersions, up } from '@polyshift/core';
import postgresql from '@polyshift/postgresql';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { Client } from 'pg';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../migrations', import.meta.url));

/** A connection of an application; ended by `await using`. */
async function connected(url: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** What an application asks: rows as lists of values. */
async function rowsOf(client: Client, text: string): Promise<unknown[][]> {
  return (await client.query({ text, rowMode: 'array' })).rows;
}

it('old and new applications see each other’s writes, whichever version remains', async () => {
  for (const end of ['finalize', 'down'] as const) {
    await using database = await freshDatabase(await sharedServer('postgresql'), 'example');
    await using session = await postgresql.connect(database.url);
    await using oldApplication = await connected(database.url);
    await oldApplication.query(`CREATE TABLE users (id int PRIMARY KEY, first_name text, last_name text, age text);
      INSERT INTO users SELECT i, 'First' || i, 'Last ' || i, (20 + i % 50)::text FROM generate_series(1, 500) AS i`);
    const options = { session, migrations: await loadMigrations(folder) };
    await up(options);

    const { new_version } = await status(options);
    expect(new_version).toMatchObject({ search_path: 'public_0001, public', reads: 'old', writes: 'old' });
    await using newApplication = await connected(database.url);
    await newApplication.query(`SET search_path = ${String(new_version!['search_path'])}`);
    expect(await rowsOf(newApplication, 'SELECT full_name, age FROM users WHERE id = 7')).toEqual([['First7 Last 7', 27]]);

    await newApplication.query("INSERT INTO users (id, full_name, age) VALUES (501, 'Ada King Lovelace', 36)");
    expect(await rowsOf(oldApplication, 'SELECT first_name, last_name, age FROM users WHERE id = 501')).toEqual([
      ['Ada', 'King Lovelace', '36'],
    ]);
    await oldApplication.query("UPDATE users SET last_name = 'Hopper' WHERE id = 501");
    expect(await rowsOf(newApplication, 'SELECT full_name FROM users WHERE id = 501')).toEqual([['Ada Hopper']]);

    // The old application may write what the new version cannot hold: it is not disturbed, and nothing is lost.
    await oldApplication.query("UPDATE users SET age = 'unknown' WHERE id = 9");
    await expect(switchVersions(options, { what: 'reads' })).rejects.toMatchObject({ code: 'CHECK_FAILED' });
    expect((await status(options)).versions!.collections).toMatchObject([{ refused: 1 }]);
    await oldApplication.query("UPDATE users SET age = '29' WHERE id = 9");

    if (end === 'down') {
      await newApplication.query('UPDATE users SET age = 40 WHERE id = 10');
      await down(options);
      expect(await rowsOf(oldApplication, 'SELECT age FROM users WHERE id IN (9, 10) ORDER BY id')).toEqual([['29'], ['40']]);
    } else {
      await switchVersions(options, { what: 'reads' });
      await switchVersions(options, { what: 'writes' });
      await finalize(options, { version: '0001' });
      // Without a word to it, the new application goes on; the table has its name again.
      await newApplication.query('UPDATE users SET age = 41 WHERE id = 10');
      expect(await rowsOf(newApplication, 'SELECT full_name, age FROM public.users WHERE id = 10')).toEqual([
        ['First10 Last 10', 41],
      ]);
      expect(await rowsOf(newApplication, 'SELECT count(*)::int FROM users')).toEqual([[501]]);
    }
  }
});
