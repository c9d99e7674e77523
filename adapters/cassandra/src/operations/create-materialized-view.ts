import { type Check, checkThat, fail, type JsonObject, type Operation, stableJson } from '@polyshift/core';
import { isBuilt, untilBuilt, viewBuild } from '../catalog/builds.ts';
import { dropView } from '../catalog/drop-view.ts';
import { columnOf, findTable, keyNames, openTable, type Table } from '../catalog/table.ts';
import { createViewText, tableName } from '../catalog/table-text.ts';
import { refuseUnknown } from '../conditions.ts';
import { changeSchema } from '../cql/execute.ts';
import { nameProblem, quoted } from '../cql/identifier.ts';
import { layoutOf } from '../new-table.ts';
import { schemaStep } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { isOwnTable, type Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_materialized_view: a table of the same rows under another key, which the store fills and keeps; it waits until every node has built it. */
export const createMaterializedView: HandlerOf<'create_materialized_view', { existed: boolean }> = (store) => ({
  async plan(operation) {
    const { data, collection } = operation;
    const key = [`(${data.partition_key.map(quoted).join(', ')})`, ...Object.keys(data.clustering_key).map(quoted)].join(', ');
    const table = await findTable(store, collection);
    const statement = table
      ? createViewText(store.keyspace, wantedView(table, operation))
      : `CREATE MATERIALIZED VIEW ${tableName(store.keyspace, data.name)} AS SELECT ... FROM ${tableName(store.keyspace, collection)} PRIMARY KEY (${key})`;
    return [schemaStep(statement, { undo: `drops the view ${data.name}, unless an identical one was there before` })];
  },

  async check(operation) {
    const { check, table } = await isThere(store, operation.collection);
    if (!table) return [check];
    return [check, ...(await viewChecks(store, table, operation))];
  },

  async prepare(operation) {
    return { existed: (await findTable(store, operation.data.name)) !== undefined };
  },

  async *execute(operation, _undo, run) {
    const { name } = operation.data;
    yield { rows_done: 0, note: `building view ${name}` };
    await run.guard();
    if (!(await findTable(store, name))) {
      const view = wantedView(await openTable(store, operation.collection), operation);
      await changeSchema(store, createViewText(store.keyspace, view));
      await run.fault('created');
    }
    await untilBuilt(store, viewBuild(name), run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const { name } = operation.data;
    const found = await findTable(store, name);
    const present = checkThat(found?.view?.base === operation.collection, 'view_present', {
      pass: `the view ${name} is there`,
      fail: `there is no view ${name} of ${operation.collection}`,
      action: 'Somebody else changes the schema of this keyspace.',
    });
    if (present.status !== 'PASS') return [present];
    return [
      present,
      checkThat(await isBuilt(store, viewBuild(name)), 'view_built', {
        pass: `every node has built the view ${name}`,
        fail: `not every node has built the view ${name}: rows are missing from it`,
        action: 'Run again; a node that does not come to an end says why in its log.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    if (!undo.existed) await dropView(store, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** The view as the operation asks for it. */
function wantedView(table: Table, { data }: Operation<'create_materialized_view'>): Table {
  const clustering = Object.entries(data.clustering_key);
  const key = [...data.partition_key, ...clustering.map(([name]) => name)];
  const held = table.columns.filter(
    ({ name, kind }) => key.includes(name) || (kind !== 'static' && (data.fields?.includes(name) ?? true)),
  );
  const column = (name: string, kind: 'partition_key' | 'clustering', descending = false) => ({
    ...columnOf(table, name)!,
    kind,
    descending,
  });
  const partitionKey = data.partition_key.map((name) => column(name, 'partition_key'));
  const clusteringKey = clustering.map(([name, direction]) => column(name, 'clustering', direction === -1));
  const rest = held
    .filter(({ name }) => !key.includes(name))
    .map((each) => ({ ...each, kind: 'regular' as const, descending: false }));
  return {
    name: data.name,
    columns: [...partitionKey, ...clusteringKey, ...rest],
    partitionKey,
    clusteringKey,
    options: layoutOf(data.options as JsonObject | undefined, 'data.options').options,
    indexes: [],
    view: {
      base: table.name,
      where: key.map((name) => `${quoted(name)} IS NOT NULL`).join(' AND '),
      allColumns: data.fields === undefined && table.columns.every(({ kind }) => kind !== 'static'),
    },
  };
}

async function viewChecks(store: Store, table: Table, operation: Operation<'create_materialized_view'>): Promise<Check[]> {
  const { data } = operation;
  const key = [...data.partition_key, ...Object.keys(data.clustering_key)];
  for (const name of [...key, ...(data.fields ?? [])]) refuseUnknown(table, name);
  const checks: Check[] = [];
  const refuse = (what: boolean, check: string, message: string, action: string): void => {
    if (what) checks.push(fail(check, message, action));
  };
  const problem = isOwnTable(data.name) ? 'it is a name of polyshift' : nameProblem(data.name);
  refuse(problem !== undefined, 'name_free', `"${data.name}" is refused: ${problem}`, 'Choose another name.');
  refuse(table.view !== undefined, 'collection_kind', `${table.name} is a view itself`, `Name ${table.view?.base}.`);
  const missing = keyNames(table).filter((name) => !key.includes(name));
  refuse(
    missing.length > 0,
    'key',
    `the key of a view holds that of its table, and ${missing.join(', ')} is not in it`,
    'Add it to clustering_key.',
  );
  const added = key.filter((name) => !keyNames(table).includes(name));
  refuse(
    added.length > 1,
    'key',
    `the key of a view has at most one column that is not in that of its table, not ${added.join(', ')}`,
    'Leave one.',
  );
  refuse(new Set(key).size < key.length, 'key', 'a column stands twice in the key', 'Leave one.');
  const shared = [...key, ...(data.fields ?? [])].filter((name) => columnOf(table, name)?.kind === 'static');
  refuse(shared.length > 0, 'fields', `${shared.join(', ')} is static, which a view cannot hold`, 'Leave it out.');
  const existing = await findTable(store, data.name);
  const differs = existing !== undefined && checks.length === 0 && viewText(existing) !== viewText(wantedView(table, operation));
  refuse(differs, 'name_free', `there is a table or view ${data.name} already, with another definition`, 'Choose another name.');
  return checks;
}

function viewText({ columns, view }: Table): string {
  return stableJson({ base: view?.base ?? null, columns: columns.map(({ name, kind, descending }) => [name, kind, descending]) });
}
