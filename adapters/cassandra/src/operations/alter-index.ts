import { type Check, checkThat, fail, type JsonObject, PolyshiftError, type RunContext } from '@polyshift/core';
import { buildIndex, dropIndex, findIndex } from '../catalog/build-index.ts';
import { indexFromJson, indexJson, indexText } from '../catalog/index-definition.ts';
import { tableName } from '../catalog/table-text.ts';
import { nameProblem, quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** alter_index: a new name. Cassandra can neither rename an index nor have the same one twice: it is dropped, then built under the new name. */
export const alterIndex: HandlerOf<'alter_index', { definition: JsonObject }> = (store) => ({
  async plan(operation) {
    const { name, new_name } = operation.data;
    const table = tableName(store.keyspace, operation.collection);
    const undo = `builds it again as ${name}`;
    const index = await findIndex(store, operation.collection, name);
    const built = index
      ? indexText(table, { ...index, name: String(new_name) })
      : `CREATE INDEX ${quoted(String(new_name))} ON ${table} (as ${name})`;
    return [schemaStep(`DROP INDEX ${quoted(store.keyspace)}.${quoted(name)}`, { undo }), schemaStep(built, { undo })];
  },

  async check(operation) {
    const { check, table } = await isThere(store, operation.collection);
    if (!table) return [check];
    const { name, new_name, hidden, expire_after_seconds } = operation.data;
    const checks: Check[] = [
      check,
      checkThat(
        table.indexes.some((index) => index.name === name),
        'index_exists',
        {
          pass: `the index ${name} is there`,
          fail: `${operation.collection} has no index ${name}`,
          action: `It has ${table.indexes.map((index) => index.name).join(', ') || 'none'}.`,
        },
      ),
    ];
    const problem = new_name === undefined ? 'an index of Cassandra can be changed in its name alone' : nameProblem(new_name);
    if (problem) checks.push(fail('new_name', problem, 'Give a new_name of letters, digits and underscores.'));
    if (table.indexes.some((index) => index.name === new_name))
      checks.push(fail('name_free', `there is an index ${new_name} already`, 'Choose another name.'));
    if (hidden !== undefined || expire_after_seconds !== undefined)
      checks.push(fail('option', 'an index of Cassandra has neither visibility nor a time to live', 'Leave them out.'));
    return checks;
  },

  async prepare(operation) {
    const found = await findIndex(store, operation.collection, operation.data.name);
    if (!found) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { definition: indexJson(found) };
  },

  async *execute(operation, undo, run) {
    const { name, new_name } = operation.data;
    yield { rows_done: 0, note: `building index ${new_name}` };
    await run.guard();
    await become(store, operation.collection, name, String(new_name), undo.definition, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const { name, new_name } = operation.data;
    const [old, renamed] = await Promise.all([
      findIndex(store, operation.collection, name),
      findIndex(store, operation.collection, String(new_name)),
    ]);
    return [
      checkThat(!old && renamed !== undefined, 'index_renamed', {
        pass: `the index is called ${new_name}`,
        fail: old ? `the index ${name} is there still` : `there is no index ${new_name}`,
        action: 'Somebody else changes the indexes of this table.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    await become(store, operation.collection, String(operation.data.new_name), operation.data.name, undo.definition, run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

async function become(
  store: Store,
  table: string,
  from: string,
  to: string,
  definition: JsonObject,
  run: RunContext,
): Promise<void> {
  await dropIndex(store, table, from);
  await run.fault('dropped');
  await buildIndex(store, table, indexFromJson(to, definition), run);
}
