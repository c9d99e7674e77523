import type { OperationHandler, OperationHandlers, OperationType } from '@polyshift/core';
import { addField } from './operations/add-field.ts';
import { alterOptions } from './operations/alter-options.ts';
import { changeType } from './operations/change-type.ts';
import { createCollection } from './operations/create-collection.ts';
import { dropCollection } from './operations/drop-collection.ts';
import { dropTemplate } from './operations/drop-template.ts';
import { dropValidation } from './operations/drop-validation.ts';
import { extract } from './operations/extract.ts';
import { load } from './operations/load.ts';
import { migrateData } from './operations/migrate-data.ts';
import { onlineChange } from './operations/online-change.ts';
import type { Parts } from './operations/parts.ts';
import { putTemplate } from './operations/put-template.ts';
import { removeField } from './operations/remove-field.ts';
import { renameCollection } from './operations/rename-collection.ts';
import { renameField } from './operations/rename-field.ts';
import { schemaValidation } from './operations/schema-validation.ts';
import { translateErrors } from './translate-errors.ts';

/** The handlers by operation, but for `online_change`, which is made of the others; null where Elasticsearch has none, for the reasons in the capabilities. */
const factories = {
  add_field: addField,
  rename_field: renameField,
  remove_field: removeField,
  change_type: changeType,
  create_index: null,
  alter_index: null,
  drop_index: null,
  create_collection: createCollection,
  drop_collection: dropCollection,
  rename_collection: renameCollection,
  schema_validation: schemaValidation,
  drop_validation: dropValidation,
  migrate_data: migrateData,
  extract,
  load,
  alter_options: alterOptions,
  merge_pipeline: null,
  add_constraint: null,
  drop_constraint: null,
  set_default: null,
  run_sql: null,
  add_gsi: null,
  update_capacity: null,
  create_materialized_view: null,
  drop_materialized_view: null,
  change_encoding: null,
  put_template: putTemplate,
  drop_template: dropTemplate,
} satisfies Record<Exclude<OperationType, 'online_change'>, ((parts: Parts) => unknown) | null>;

/** The handlers of a session. */
export function operationHandlers(parts: Parts): OperationHandlers {
  const handlers: Partial<Record<OperationType, OperationHandler>> = {};
  for (const [type, factory] of Object.entries(factories)) {
    if (factory) handlers[type as OperationType] = translateErrors(factory(parts) as unknown as OperationHandler, type);
  }
  const online = onlineChange(parts, (type) => handlers[type]);
  handlers.online_change = translateErrors(
    { ...online, versions: translateErrors(online.versions!, 'online_change') } as unknown as OperationHandler,
    'online_change',
  );
  return handlers as OperationHandlers;
}
