import type { OperationHandler, OperationHandlers, OperationType } from '@polyshift/core';
import { addField } from './operations/add-field.ts';
import { alterIndex } from './operations/alter-index.ts';
import { alterOptions } from './operations/alter-options.ts';
import { changeType } from './operations/change-type.ts';
import { createCollection } from './operations/create-collection.ts';
import { createIndex } from './operations/create-index.ts';
import { createMaterializedView } from './operations/create-materialized-view.ts';
import { dropCollection } from './operations/drop-collection.ts';
import { dropIndex } from './operations/drop-index.ts';
import { dropMaterializedView } from './operations/drop-materialized-view.ts';
import { dropValidation } from './operations/drop-validation.ts';
import { extract } from './operations/extract.ts';
import { load } from './operations/load.ts';
import { migrateData } from './operations/migrate-data.ts';
import { onlineChange } from './operations/online-change.ts';
import { removeField } from './operations/remove-field.ts';
import { renameCollection } from './operations/rename-collection.ts';
import { renameField } from './operations/rename-field.ts';
import { runSql } from './operations/run-sql.ts';
import { schemaValidation } from './operations/schema-validation.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** The handlers by operation, but for `online_change`, which is made of the others; null where Cassandra has none, for the reasons in the capabilities. */
const factories = {
  add_field: addField,
  rename_field: renameField,
  remove_field: removeField,
  change_type: changeType,
  create_index: createIndex,
  alter_index: alterIndex,
  drop_index: dropIndex,
  create_collection: createCollection,
  drop_collection: dropCollection,
  rename_collection: renameCollection,
  schema_validation: schemaValidation,
  drop_validation: dropValidation,
  migrate_data: migrateData,
  extract,
  load,
  alter_options: alterOptions,
  run_sql: runSql,
  create_materialized_view: createMaterializedView,
  drop_materialized_view: dropMaterializedView,
  add_constraint: null,
  drop_constraint: null,
  set_default: null,
  merge_pipeline: null,
  add_gsi: null,
  update_capacity: null,
  change_encoding: null,
  put_template: null,
  drop_template: null,
} satisfies Record<Exclude<OperationType, 'online_change'>, ((store: Store) => unknown) | null>;

/** The handlers of a session. */
export function operationHandlers(store: Store): OperationHandlers {
  const handlers: Partial<Record<OperationType, OperationHandler>> = {};
  for (const [type, factory] of Object.entries(factories)) {
    if (factory) handlers[type as OperationType] = translateErrors(factory(store) as unknown as OperationHandler, type);
  }
  const online = onlineChange(store, (type) => handlers[type]);
  handlers.online_change = translateErrors(
    { ...online, versions: translateErrors(online.versions!, 'online_change') } as unknown as OperationHandler,
    'online_change',
  );
  return handlers as OperationHandlers;
}
