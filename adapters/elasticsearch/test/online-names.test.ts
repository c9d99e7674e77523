import { checkOperation, migrationChecksum, status, up } from '@polyshift/core';
import { elasticsearch } from '@polyshift/elasticsearch';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { describe, expect, it } from 'vitest';

function migrationOf(version: string, input: Parameters<typeof checkOperation>[0]) {
  const operations = [checkOperation(input)];
  return { version, name: 'test', operations, checksum: migrationChecksum({ operations }), file: `${version}.json` };
}

describe('names of new versions', () => {
  it('are not those of indices behind an alias, and a collection may be called like one', async () => {
    const database = await freshDatabase(await sharedServer('elasticsearch'), 'names');
    await using session = await elasticsearch.connect(database.url);
    const made = (collection: string, version: string) =>
      migrationOf(version, {
        type: 'create_collection',
        collection,
        data: { fields: [{ name: 'id', type: 'text' }], key: ['id'] },
      });
    const change = migrationOf('4', {
      type: 'online_change',
      collection: 'users',
      data: { operations: [{ type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } }] },
    });
    // The index behind it is not called `orders_v1`, which is the name of the alias.
    const migrations = [made('orders_v1', '1'), made('users', '2'), made('users_v4', '3'), change];
    await up({ session, migrations: migrations.slice(0, 3) });
    expect(Object.keys((await session.introspect()).collections)).toEqual(['orders_v1', 'users', 'users_v4']);
    await up({ session, migrations });
    const { new_version } = await status({ session, migrations });
    expect(new_version).toMatchObject({ collections: { users: 'users_version4' } });
    await database.drop();
  });
});
