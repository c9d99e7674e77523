import { type Check, fail, pass, warn } from '@polyshift/core';
import { isOwnCollection, isTableName, type Store } from './store.ts';
import { isThere, readTable } from './tables/describe.ts';

/** The check that a table is there. */
export async function tableExists(store: Store, name: string): Promise<Check> {
  if (isOwnCollection(name)) return fail('collection_exists', `${name} belongs to polyshift`, 'Choose another table.');
  if (await isThere(store, name)) return pass('collection_exists', `${name} is there`);
  return fail('collection_exists', `there is no table ${name}`, 'Correct the name, or create it first by create_collection.');
}

/** The check that a name can be taken by a new table. */
export async function nameIsFree(store: Store, name: string): Promise<Check> {
  if (isOwnCollection(name)) return fail('name_free', `${name} is a name of polyshift`, 'Choose another name.');
  if (!isTableName(store, name)) {
    return fail(
      'name_free',
      `${JSON.stringify(store.prefix + name)} cannot be the name of a table`,
      'Take 3 to 255 letters, digits, _, - and ., the prefix of the URL included.',
    );
  }
  if (!(await isThere(store, name))) return pass('name_free', `${name} is free`);
  return fail('name_free', `there is a table ${name} already`, 'Choose another name, or drop it first by drop_collection.');
}

/** What stands against deleting a table once its items are copied; none where nothing does. */
export async function canBeReplaced(store: Store, name: string): Promise<Check[]> {
  const table = await readTable(store, name);
  const checks: Check[] = [];
  if (table?.definition.deletion_protection) {
    checks.push(
      fail(
        'deletion_protection',
        `${name} is protected from deletion, which is the last step of this`,
        'Switch deletion_protection off by alter_options first.',
      ),
    );
  }
  if (table && table.replicas > 0) {
    checks.push(
      fail(
        'replicas',
        `${name} is a global table with ${table.replicas} replicas, which do not move with it`,
        'Remove the replicas first, and add them to the new table.',
      ),
    );
  }
  if (table?.definition.stream_view_type) {
    checks.push(
      warn(
        'stream',
        `the stream of ${name} ends with the table; a new table has a new one`,
        'Point what reads the stream (functions, replication) to the new one.',
      ),
    );
  }
  return checks;
}
