import { type Check, checkThat, fail, type JsonObject, type Operation, PolyshiftError, warn } from '@polyshift/core';
import { dropTable, tableExists } from '../catalog/drop-table.ts';
import { findTable, openTable, type Table } from '../catalog/table.ts';
import { createTableText } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { rowConditions } from '../conditions.ts';
import { countRows } from '../count.ts';
import { changeSchema } from '../cql/execute.ts';
import { layoutOf, newTable } from '../new-table.ts';
import { schemaStep } from '../planned.ts';
import { isFree } from '../preconditions.ts';
import type { Store } from '../store.ts';
import { cqlTypeOf } from '../types.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_collection: CREATE TABLE; `options` take `partition_key`, `clustering_order` and `static` beside the options of the store. */
export const createCollection: HandlerOf<'create_collection'> = (store) => ({
  async plan(operation) {
    const undo = `drops ${operation.collection}; refused while it holds rows`;
    return [schemaStep(createTableText(store.keyspace, operation.collection, await wantedTable(store, operation)), { undo })];
  },

  async check(operation) {
    const free = await isFree(store, operation.collection);
    if (free.status === 'FAILED') return [free];
    const checks: Check[] = [free, ...operation.data.fields.flatMap((field) => fieldChecks(field, operation.data.key ?? []))];
    if (operation.data.fields.length === 0)
      checks.push(fail('fields', 'a table has columns, and no field is given', 'Name the fields and the key.'));
    else createTableText(store.keyspace, operation.collection, await wantedTable(store, operation));
    return checks;
  },

  async prepare(): Promise<JsonObject> {
    return {};
  },

  async *execute(operation) {
    if (!(await tableExists(store, operation.collection)))
      await changeSchema(store, createTableText(store.keyspace, operation.collection, await wantedTable(store, operation)));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await findTable(store, operation.collection);
    const wanted = await wantedTable(store, operation);
    const same = found !== undefined && layoutText(found) === layoutText(wanted);
    return [
      checkThat(same, 'collection_exists', {
        pass: `${operation.collection} is there as it was asked for`,
        fail: found ? `${operation.collection} has other columns` : `${operation.collection} is not there`,
        action: 'Somebody else changes the schema of this keyspace.',
      }),
    ];
  },

  async *rollback(operation) {
    if (await tableExists(store, operation.collection)) await dropEmpty(store, operation.collection);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

async function wantedTable(store: Store, { collection, data }: Operation<'create_collection'>): Promise<Table> {
  const udts = await udtLookup(store);
  const columns = data.fields.map(({ name, type }) => ({ name, type: cqlTypeOf(type, udts) }));
  return newTable(collection, columns, data.key ?? [], layoutOf(data.options as JsonObject | undefined, 'data.options'));
}

function layoutText({ columns }: Table): string {
  const parts = columns.map(({ name, type, kind, descending }) => [name, type.text, kind, descending]);
  return JSON.stringify(parts.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)));
}

function fieldChecks(field: Operation<'create_collection'>['data']['fields'][number], key: readonly string[]): Check[] {
  const checks: Check[] = [];
  if (field.default_value !== undefined || field.default_expression !== undefined || field.identity) {
    checks.push(
      fail('default', `${field.name}: Cassandra has no default values and numbers no rows`, 'Leave it to the application.'),
    );
  }
  if (!field.nullable && !key.includes(field.name)) {
    checks.push(
      warn('nullable', `${field.name}: Cassandra enforces a value in the key alone`, 'Use schema_validation for what must hold.'),
    );
  }
  return checks;
}

/** Drops a table that holds no rows. Throws WRITTEN_SINCE where it does. */
async function dropEmpty(store: Store, name: string): Promise<void> {
  const table = await openTable(store, name);
  const count = await countRows(store, table, rowConditions(table, undefined));
  if (count > 0) {
    throw new PolyshiftError('WRITTEN_SINCE', `${name} holds ${count} rows that were written since it was created`, {
      hint: 'Move them elsewhere first.',
      data: { collection: name, count },
    });
  }
  await dropTable(store, name);
}
