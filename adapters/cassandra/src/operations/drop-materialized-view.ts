import { checkThat, type JsonObject } from '@polyshift/core';
import { untilBuilt, viewBuild } from '../catalog/builds.ts';
import { dropView } from '../catalog/drop-view.ts';
import { findTable, openTable } from '../catalog/table.ts';
import { createViewText, tableFromJson, tableJson, tableName } from '../catalog/table-text.ts';
import { udtLookup } from '../catalog/udts.ts';
import { changeSchema } from '../cql/execute.ts';
import { schemaStep } from '../planned.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_materialized_view: its definition is kept, and the store fills it from its table again on rollback. */
export const dropMaterializedView: HandlerOf<'drop_materialized_view', { definition: JsonObject }> = (store) => ({
  async plan(operation) {
    return [
      schemaStep(`DROP MATERIALIZED VIEW ${tableName(store.keyspace, operation.data.name)}`, {
        phase: 'contract',
        undo: `creates ${operation.data.name} again as it was defined; the store fills it from ${operation.collection}`,
      }),
    ];
  },

  async check(operation) {
    const { name } = operation.data;
    const found = await findTable(store, name);
    return [
      checkThat(found?.view?.base === operation.collection, 'view_exists', {
        pass: `the view ${name} of ${operation.collection} is there`,
        fail: found?.view ? `${name} is a view of ${found.view.base}` : `there is no view ${name}`,
        action: 'Correct the names.',
      }),
    ];
  },

  async prepare(operation) {
    return { definition: tableJson(await openTable(store, operation.data.name)) };
  },

  async *execute(operation, _undo, run) {
    await run.guard();
    await dropView(store, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    return [
      checkThat((await findTable(store, operation.data.name)) === undefined, 'view_gone', {
        pass: `the view ${operation.data.name} is gone`,
        fail: `the view ${operation.data.name} is there`,
        action: 'Somebody else has created it again.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    const { name } = operation.data;
    yield { rows_done: 0, note: `building view ${name}` };
    if (!(await findTable(store, name)))
      await changeSchema(store, createViewText(store.keyspace, tableFromJson(undo.definition, await udtLookup(store))));
    await untilBuilt(store, viewBuild(name), run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
