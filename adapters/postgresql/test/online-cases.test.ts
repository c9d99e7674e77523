import { down, finalize, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { commonSetUp } from './common-set-up.ts';
import { asideObjects, failed, migrationOf, type TestDatabase, testDatabase } from './harness.ts';
import { type OnlineCase, onlineCases } from './online-cases.ts';

const open = (test: OnlineCase): Promise<TestDatabase> => testDatabase(commonSetUp, ...(test.setUp ? [test.setUp] : []));

/** The schema that the new version stands in. */
const schemaOf = ({ collection = 'users' }: OnlineCase): string =>
  collection.startsWith('sales.') ? 'sales_0002' : 'public_0002';

const migrationsOf = ({ collection = 'users', operations, back }: OnlineCase) => [
  migrationOf('0002', [
    { type: 'online_change', collection, data: { operations, ...(back ? { back } : {}) }, batch_size: 25 } as never,
  ]),
];

/** What the table is like, by a migration that applies the operations as they are. */
async function plainly(test: OnlineCase): Promise<object> {
  await using database = await open(test);
  const { collection = 'users' } = test;
  const migrations = [migrationOf('0002', test.operations.map((each) => ({ ...each, collection })) as never)];
  await up({ session: database.session, migrations });
  await finalize({ session: database.session, migrations }, { version: '0002' });
  return await describeCollection(database, collection);
}

async function describeCollection(database: TestDatabase, collection: string): Promise<object> {
  const { approximate_count: _, ...schema } = (await database.session.introspect([collection])).collections[collection]!;
  return schema;
}

async function write(database: TestDatabase, test: OnlineCase): Promise<void> {
  await database.sql(test.old);
  await database.sql(test.fresh.replaceAll('NEW.', `${schemaOf(test)}.`));
  expect(await database.sql(`SELECT * FROM polyshift_aside_0002_0.unsettled_writes`)).toEqual([]);
  for (const [query, value] of test.expected ?? []) {
    const [row] = await database.sql(query.replaceAll('NEW.', `${schemaOf(test)}.`));
    expect(Object.values(row ?? {})[0], query).toEqual(value);
  }
}

describe.each(onlineCases)('$name', (test) => {
  const { collection = 'users' } = test;

  it('carries what both versions write, is proven, and leaves what the operations would', async () => {
    await using database = await open(test);
    const runner = { session: database.session, migrations: migrationsOf(test) };
    await up(runner);
    expect(failed((await verify(runner)).checks)).toEqual([]);
    await write(database, test);
    expect(failed((await verify(runner)).checks)).toEqual([]);
    const fresh = await database.session.fingerprint(`${schemaOf(test)}.${collection.replace('sales.', '')}`);
    await finalize(runner, { version: '0002', old_version_ended: true });
    const { content, count } = await database.session.fingerprint(collection);
    expect({ content, count }).toEqual({ content: fresh.content, count: fresh.count });
    expect(await describeCollection(database, collection)).toEqual(await plainly(test));
    expect(await asideObjects(database)).toEqual([]);
    expect(await database.sql(`SELECT nspname FROM pg_namespace WHERE nspname ~ '_0002'`)).toEqual([]);
    // The application goes on.
    if (collection === 'users' && !test.back && !test.name.includes('truncated')) {
      const [row] = await database.sql(`INSERT INTO users (first_name) VALUES ('after') RETURNING *`);
      expect(Number(row!['id'] ?? row!['user_id'])).toBeGreaterThan(57);
    }
  });

  it('goes back to the old version with all writes', async () => {
    await using database = await open(test);
    const before = await database.session.fingerprint(collection);
    const runner = { session: database.session, migrations: migrationsOf(test) };
    await up(runner);
    await down(runner);
    expect(await database.session.fingerprint(collection)).toEqual(before);
    await up(runner);
    await write(database, test);
    const columns = (await describeCollection(database, collection)) as { fields: { name: string }[] };
    const list = columns.fields.map(({ name }) => `"${name.replaceAll('"', '""')}"::text`).join(', ');
    const table = collection.startsWith('sales.') ? 'sales.orders' : `"${collection.replaceAll('"', '""')}"`;
    const rows = () =>
      database
        .sql(`SELECT ${list.replace(/,/g, " || '|' ||")} AS row FROM ${table} ORDER BY 1`)
        .catch(() => database.sql(`SELECT * FROM ${table} ORDER BY 1`));
    const written = await rows();
    await down(runner);
    expect(await rows()).toEqual(written);
    expect((await database.session.fingerprint(collection)).schema).toBe(before.schema);
    expect(await asideObjects(database)).toEqual([]);
  });
});
