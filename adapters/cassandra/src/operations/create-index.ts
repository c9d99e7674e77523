import { type Check, checkThat, fail, type Operation, pass, stableJson } from '@polyshift/core';
import { buildIndex, dropIndex, findIndex } from '../catalog/build-index.ts';
import { indexBuild, isBuilt } from '../catalog/builds.ts';
import { type IndexDefinition, indexJson, indexText } from '../catalog/index-definition.ts';
import { columnOf, describeTables, type Table } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { refuseUnknown } from '../conditions.ts';
import { nameProblem, quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_index: a secondary index, or by `method: sai` a storage-attached one, over one column; it waits until every node has built it. */
export const createIndex: HandlerOf<'create_index', { existed: boolean }> = (store) => ({
  async plan(operation, context) {
    const rows = context.schema.collections[operation.collection]?.approximate_count;
    const undo = `drops the index ${operation.data.name}, unless an identical one was there before`;
    return [schemaStep(indexText(tableName(store.keyspace, operation.collection), definitionOf(operation)), { undo, rows })];
  },

  async check(operation) {
    const { check, table } = await isThere(store, operation.collection);
    if (!table) return [check];
    return [check, ...optionChecks(operation), ...(await definitionChecks(store, table, operation))];
  },

  async prepare(operation) {
    return { existed: (await findIndex(store, operation.collection, operation.data.name)) !== undefined };
  },

  async *execute(operation, _undo, run) {
    yield { rows_done: 0, note: `building index ${operation.data.name}` };
    await run.guard();
    await buildIndex(store, operation.collection, definitionOf(operation), run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await findIndex(store, operation.collection, operation.data.name);
    const same = found !== undefined && stableJson(indexJson(found)) === stableJson(indexJson(definitionOf(operation)));
    const { name } = operation.data;
    const present = checkThat(same, 'index_present', {
      pass: `the index ${name} is there as it was asked for`,
      fail: found ? `the index ${name} has another definition: ${JSON.stringify(indexJson(found))}` : `there is no index ${name}`,
      action: 'Somebody else changes the indexes of this table.',
    });
    if (!same) return [present];
    return [
      present,
      checkThat(await isBuilt(store, indexBuild(name)), 'index_built', {
        pass: `every node has built the index ${name}`,
        fail: `not every node has built the index ${name}: it finds some of the rows alone`,
        action: 'Run again; a node that does not come to an end says why in its log.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    if (!undo.existed) await dropIndex(store, operation.collection, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** What `over` in the options may say: which part of a collection is indexed. */
const forms = ['keys', 'values', 'entries', 'full'];

function definitionOf({ data }: Operation<'create_index'>): IndexDefinition {
  const [field = ''] = Object.keys(data.keys);
  const { over, ...options } = data.options ?? {};
  const column = quoted(field);
  return {
    name: data.name,
    target: typeof over === 'string' && forms.includes(over) ? `${over}(${column})` : column,
    method: data.method === undefined || data.method === '2i' ? undefined : data.method,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
  };
}

function optionChecks({ data }: Operation<'create_index'>): Check[] {
  const checks: Check[] = [];
  const refuse = (what: boolean, message: string, action: string): void => {
    if (what) checks.push(fail('option', message, action));
  };
  const problem = nameProblem(data.name);
  refuse(problem !== undefined, `"${data.name}" is refused: ${problem}`, 'Choose another name.');
  refuse(
    Object.keys(data.keys).length > 1,
    'an index of Cassandra is over one column',
    'Create one for each, or a materialized view.',
  );
  refuse(
    Object.values(data.keys).some((direction) => direction !== 1),
    'an index of Cassandra has no direction and no kind of key',
    'Write 1, and name another implementation by method.',
  );
  refuse(
    data.unique,
    'Cassandra has no unique indexes: the key of a table alone is unique',
    'Make a table with that key by extract.',
  );
  refuse(data.where !== undefined, 'Cassandra has no partial indexes', 'Leave where out.');
  refuse(
    data.expire_after_seconds !== undefined,
    'no index of Cassandra removes rows',
    'Set default_time_to_live by alter_options.',
  );
  refuse(data.hidden, 'Cassandra has no hidden indexes', 'Leave hidden out.');
  refuse(data.include !== undefined, 'an index of Cassandra stores no further columns', 'Create a materialized view.');
  const over = data.options?.['over'];
  refuse(over !== undefined && !forms.includes(over as string), `over is one of ${forms.join(', ')}`, 'Correct options.over.');
  return checks;
}

async function definitionChecks(store: Store, table: Table, operation: Operation<'create_index'>): Promise<Check[]> {
  const [field = ''] = Object.keys(operation.data.keys);
  refuseUnknown(table, field);
  const checks: Check[] = [];
  if (table.partitionKey.length === 1 && columnOf(table, field)?.kind === 'partition_key')
    checks.push(
      fail('column', `${field} is the partition key, which finds its rows without an index`, 'Leave the operation out.'),
    );
  const wanted = stableJson(indexJson(definitionOf(operation)));
  const { name } = operation.data;
  const named = table.indexes.find((index) => index.name === name);
  const alike = table.indexes.find((index) => index.name !== name && stableJson(indexJson(index)) === wanted);
  const elsewhere = (await describeTables(store)).find(
    (other) => other.name !== table.name && other.indexes.some((index) => index.name === name),
  );
  if (named && stableJson(indexJson(named)) !== wanted) {
    const message = `the index ${name} is there with another definition: ${JSON.stringify(indexJson(named))}`;
    checks.push(fail('name_free', message, 'Choose another name, or drop it first by drop_index.'));
  } else if (alike && !named) {
    checks.push(
      fail('definition_free', `the same index is there as ${alike.name}`, 'Rename it by alter_index, or leave this out.'),
    );
  } else if (elsewhere) {
    checks.push(
      fail('name_free', `${elsewhere.name} has an index ${name}; names are shared by a keyspace`, 'Choose another name.'),
    );
  } else checks.push(pass('name_free', named ? `the index ${name} is there already` : `${name} is free`));
  return checks;
}
