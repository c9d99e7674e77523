import { type Check, fail, pass } from '@polyshift/core';
import { findTable, type Table } from './catalog/table.ts';
import { tableName } from './catalog/table-text.ts';
import { viewsOf } from './catalog/views.ts';
import { readPage } from './cql/execute.ts';
import { nameProblem, quoted } from './cql/identifier.ts';
import { tokenOf } from './rows/select.ts';
import { isOwnTable, type Store } from './store.ts';
import { isMultiCell } from './values/cql-type.ts';

/** The check that a table is there, and with it the table. */
export async function isThere(store: Store, name: string): Promise<{ check: Check; table: Table | undefined }> {
  const table = isOwnTable(name) ? undefined : await findTable(store, name);
  if (table) return { check: pass('collection_exists', `${name} is there`), table };
  return {
    check: fail(
      'collection_exists',
      isOwnTable(name) ? `${name} belongs to polyshift` : `there is no table ${name} in the keyspace ${store.keyspace}`,
      'Correct the name, or create it first by create_collection.',
    ),
    table: undefined,
  };
}

/** The check that a name can be given to a new table or view. */
export async function isFree(store: Store, name: string): Promise<Check> {
  const problem = nameProblem(name);
  if (problem) return fail('name_free', `"${name}" is refused: ${problem}`, 'Choose another name.');
  if (isOwnTable(name)) return fail('name_free', `${name} is a name of polyshift`, 'Choose another name.');
  if (!(await findTable(store, name))) return pass('name_free', `${name} is free`);
  return fail(
    'name_free',
    `there is a table or view ${name} already`,
    'Choose another name, or drop or rename it first by an operation of its own.',
  );
}

/** The checks that the rows of a table can be changed one by one: it is there, no view, and has no counters. */
export async function isChangeable(store: Store, name: string): Promise<{ checks: Check[]; table: Table | undefined }> {
  const { check, table } = await isThere(store, name);
  if (!table) return { checks: [check], table };
  if (table.view) {
    const action = `Change ${table.view.base}, from which the store fills it.`;
    return { checks: [fail('collection_kind', `${name} is a materialized view`, action)], table: undefined };
  }
  if (table.columns.some(({ type }) => type.name === 'counter')) {
    const action =
      'Counters are changed by the application alone: no conditional write, and so no exact undo, is possible for them.';
    return { checks: [fail('collection_kind', `${name} has counters`, action)], table: undefined };
  }
  return { checks: [check], table };
}

/** The check that no materialized view is made of a table: the store then drops neither its columns nor the table. */
export async function hasNoViews(store: Store, name: string): Promise<Check> {
  const views = await viewsOf(store, name);
  if (views.length === 0) return pass('views', `no materialized view is made of ${name}`);
  return fail(
    'views',
    `${views.join(', ')} is made of ${name}: the store drops no column of such a table, nor the table itself`,
    'Drop the view by drop_materialized_view before, and create it again after.',
  );
}

/**
 * The check that no value of some columns expires by itself, and none would that is written anew, by a copy or by its undo. Reads the columns.
 * Collections of several cells are not looked at: not every version of the store tells.
 */
export async function nothingExpires(store: Store, table: Table, names?: readonly string[]): Promise<Check> {
  const columns = table.columns.filter(
    ({ name, kind, type }) => (kind === 'regular' || kind === 'static') && !isMultiCell(type) && (names?.includes(name) ?? true),
  );
  const list = [tokenOf(table), ...columns.map(({ name }, index) => `TTL(${quoted(name)}) AS c${index}`)].join(', ');
  let state: string | undefined;
  do {
    const page = await readPage(store, `SELECT ${list} FROM ${tableName(store.keyspace, table.name)}`, [], { size: 5000, state });
    state = page.state;
    if (page.rows.length > 0 && Number(table.options['default_time_to_live'] ?? 0) > 0) {
      return fail(
        'time_to_live',
        `${table.name} has a default_time_to_live, which rows that are written anew would get once more`,
        'Copy the table by the application, or set the option to 0 by alter_options before.',
      );
    }
    for (const row of page.rows) {
      const found = columns.find((_column, index) => row[`c${index}`] !== null);
      if (!found) continue;
      return fail(
        'time_to_live',
        `values of ${found.name} in ${table.name} have a time to live, which a copy of them would not have`,
        'Wait until they have expired, or copy the table by the application.',
      );
    }
  } while (state !== undefined);
  return pass('time_to_live', 'no value expires by itself');
}
