import { type Check, fail, pass } from '@polyshift/core';
import { read } from '../cql/execute.ts';
import type { Store } from '../store.ts';

/**
 * The check that the store takes a column of this name and type: it remembers columns that were dropped, because cells of theirs may still lie in its
 * files, and takes none back that would read those cells in another form.
 */
export async function droppedColumnCheck(store: Store, table: string, column: string, type: string): Promise<Check> {
  const [dropped] = await read(
    store,
    'SELECT type, kind FROM system_schema.dropped_columns WHERE keyspace_name = ? AND table_name = ? AND column_name = ?',
    [store.keyspace, table, column],
  );
  const old = dropped && String(dropped['type']);
  const compatible = old === undefined || (dropped?.['kind'] === 'regular' && readsAs(old, type));
  if (compatible) return pass('dropped_column', `no column ${column} was dropped that could be in the way`);
  return fail(
    'dropped_column',
    `a column ${column} of the type ${old} was dropped from ${table}: the store refuses to take it back as ${type}`,
    'Choose another name, or copy the table by extract, which leaves what was dropped behind.',
  );
}

/** Whether cells of an old type can be read in the new one, as far as every version of the store takes it. */
function readsAs(old: string, type: string): boolean {
  if (old === 'counter') return false;
  return old === type || (type === 'blob' && ['text', 'ascii', 'varchar'].includes(old));
}
