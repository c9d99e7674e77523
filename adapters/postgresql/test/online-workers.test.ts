import { down, finalize, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { failed, migrationOf, type TestDatabase, testDatabase } from './harness.ts';
import { killedAt } from './killed-at.ts';

const setUp = `
CREATE TABLE users (tenant text, id integer, mail text, age integer, PRIMARY KEY (tenant, id));
INSERT INTO users SELECT 't' || g % 7, g, 'u' || g, g FROM generate_series(1, 1500) AS g`;

function runnerOf(database: TestDatabase) {
  const operations = [{ type: 'change_type', data: { field_name: 'age', to: 'int64' } }];
  const change = { type: 'online_change', collection: 'users', data: { operations, workers: 3 }, batch_size: 100 };
  return { session: database.session, migrations: [migrationOf('0002', [change as never])] };
}

const isChunk = (place: string): boolean => place === 'online_change.chunk_copied';
const copied = `SELECT count(*)::int AS n FROM public_0002.users`;
const columns = 'tenant, id, mail, age::bigint';
const differing = `(SELECT ${columns} FROM users EXCEPT SELECT ${columns} FROM public_0002.users) UNION ALL (SELECT ${columns} FROM public_0002.users EXCEPT SELECT ${columns} FROM users)`;

describe('several workers', () => {
  it('copy every row once, beside writers, and several chunks at a time', async () => {
    await using database = await testDatabase(setUp);
    const runner = runnerOf(database);
    let [active, most, chunks] = [0, 0, 0];
    let written: Promise<unknown> = Promise.resolve();
    await up({
      ...runner,
      fault: async (place: string) => {
        if (!isChunk(place)) return;
        // Others come here as well while one stands still.
        most = Math.max(most, ++active);
        const at = ++chunks;
        written = written.then(() =>
          database.sql(
            `UPDATE users SET mail = mail || 'x' WHERE id % 50 = ${at}; DELETE FROM users WHERE id = ${at * 50}; INSERT INTO users VALUES ('t', ${5000 + at})`,
          ),
        );
        await written;
        await new Promise((resolve) => setTimeout(resolve, 50));
        active--;
      },
    });
    expect(most).toBe(3);
    expect(await database.sql(differing)).toEqual([]);
    expect(failed((await verify(runner)).checks)).toEqual([]);
    await finalize(runner, { version: '0002', old_version_ended: true });
    expect(await database.sql('SELECT count(*)::int AS n FROM users WHERE id >= 5000')).toEqual([{ n: chunks }]);
  });

  it('that are killed go on where each of them was', async () => {
    await using database = await testDatabase(setUp);
    const { session, migrations } = runnerOf(database);
    let chunks = 0;
    const at = await killedAt('here', { session, migrations }, (options) =>
      up({ ...options, fault: (place: string) => options.fault!(isChunk(place) && ++chunks === 10 ? 'here' : place) }),
    );
    expect(at).toBe('here');
    expect((await database.sql(copied))[0]!['n']).toBeLessThan(1500);
    let again = 0;
    await up({
      session,
      migrations,
      fault: (place) => {
        if (isChunk(place)) again++;
      },
    });
    expect(await database.sql(differing)).toEqual([]);
    // Twelve ranges of two chunks: of those that were saved none is copied again, and three at most were not.
    expect(again).toBeLessThanOrEqual(24 - 10 + 3);
    await down({ session, migrations });
    expect(await database.sql(`SELECT to_regclass('public_0002.users') AS there`)).toEqual([{ there: null }]);
  });

  it.each([
    ['no rows', 'TRUNCATE users'],
    ['fewer rows than ranges', 'DELETE FROM users WHERE id > 5'],
    [
      'rows that refer to others of the table',
      `ALTER TABLE users ADD COLUMN boss integer, ADD FOREIGN KEY (tenant, boss) REFERENCES users; UPDATE users SET boss = id - 7 WHERE id > 7`,
    ],
  ])('copy %s', async (_name, change) => {
    await using database = await testDatabase(setUp, change);
    const runner = runnerOf(database);
    await up(runner);
    expect(await database.sql(differing)).toEqual([]);
    expect(await database.sql('SELECT * FROM polyshift_aside_0002_0.unsettled_writes')).toEqual([]);
  });
});
