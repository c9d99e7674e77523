import type { OperationHandler, OperationHandlers, OperationType } from '@polyshift/core';
import { afterSearch } from './feature-search.ts';
import { addField } from './operations/add-field.ts';
import { alterIndex } from './operations/alter-index.ts';
import { alterOptions } from './operations/alter-options.ts';
import { changeType } from './operations/change-type.ts';
import { createCollection } from './operations/create-collection.ts';
import { createIndex } from './operations/create-index.ts';
import { dropCollection } from './operations/drop-collection.ts';
import { dropIndex } from './operations/drop-index.ts';
import { dropValidation } from './operations/drop-validation.ts';
import { extract } from './operations/extract.ts';
import { load } from './operations/load.ts';
import { mergePipeline } from './operations/merge-pipeline.ts';
import { migrateData } from './operations/migrate-data.ts';
import { onlineChange } from './operations/online-change.ts';
import { removeField } from './operations/remove-field.ts';
import { renameCollection } from './operations/rename-collection.ts';
import { renameField } from './operations/rename-field.ts';
import { schemaValidation } from './operations/schema-validation.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';

/** The handlers by operation; null where MongoDB has none, for the reasons in the capabilities. */
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
  merge_pipeline: mergePipeline,
  add_constraint: null,
  drop_constraint: null,
  set_default: null,
  run_sql: null,
  add_gsi: null,
  online_change: onlineChange,
  update_capacity: null,
  create_materialized_view: null,
  drop_materialized_view: null,
  change_encoding: null,
  put_template: null,
  drop_template: null,
} satisfies Record<OperationType, ((store: Store) => unknown) | null>;

/** What a connection that is for looking alone may call waits until it is known what the server can do; on any other that is known from the start. */
function knowing({ search }: Store, handler: OperationHandler): OperationHandler {
  const { versions } = handler;
  const waiting = afterSearch(handler, ['plan', 'check', 'prepare', 'verify'], search);
  return versions ? { ...waiting, versions: afterSearch(versions, ['state', 'checkMove'], search) } : waiting;
}

/** The handlers of a session. */
export function operationHandlers(store: Store): OperationHandlers {
  const handlers: Partial<Record<OperationType, OperationHandler>> = {};
  for (const [type, factory] of Object.entries(factories)) {
    if (factory)
      handlers[type as OperationType] = translateErrors(knowing(store, factory(store) as unknown as OperationHandler), type);
  }
  return handlers as OperationHandlers;
}
