import type { z } from 'zod';
import { addConstraint } from './add-constraint.ts';
import { addField } from './add-field.ts';
import { addGsi } from './add-gsi.ts';
import { alterIndex } from './alter-index.ts';
import { alterOptions } from './alter-options.ts';
import { changeEncoding } from './change-encoding.ts';
import { changeType } from './change-type.ts';
import { createCollection } from './create-collection.ts';
import { createIndex } from './create-index.ts';
import { createMaterializedView } from './create-materialized-view.ts';
import { dropCollection } from './drop-collection.ts';
import { dropConstraint } from './drop-constraint.ts';
import { dropIndex } from './drop-index.ts';
import { dropMaterializedView } from './drop-materialized-view.ts';
import { dropTemplate } from './drop-template.ts';
import { dropValidation } from './drop-validation.ts';
import { extract } from './extract.ts';
import { load } from './load.ts';
import { mergePipeline } from './merge-pipeline.ts';
import { migrateData } from './migrate-data.ts';
import { onlineChange } from './online-change.ts';
import type { MigrationOperation, OperationInput } from './operation.ts';
import { putTemplate } from './put-template.ts';
import { removeField } from './remove-field.ts';
import { renameCollection } from './rename-collection.ts';
import { renameField } from './rename-field.ts';
import { runSql } from './run-sql.ts';
import { schemaValidation } from './schema-validation.ts';
import { setDefault } from './set-default.ts';
import { updateCapacity } from './update-capacity.ts';

/** Every operation, by its type. A new one fails to compile wherever a choice over all types is made, until it is handled there. */
export const operationRegistry = {
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
  add_constraint: addConstraint,
  drop_constraint: dropConstraint,
  set_default: setDefault,
  alter_options: alterOptions,
  run_sql: runSql,
  online_change: onlineChange,
  merge_pipeline: mergePipeline,
  add_gsi: addGsi,
  update_capacity: updateCapacity,
  create_materialized_view: createMaterializedView,
  drop_materialized_view: dropMaterializedView,
  change_encoding: changeEncoding,
  put_template: putTemplate,
  drop_template: dropTemplate,
} as const;

/** The type of an operation. */
export type OperationType = keyof typeof operationRegistry;

/** The checked parameters of an operation type, defaults filled in. */
export type OperationData<Type extends OperationType> = z.output<(typeof operationRegistry)[Type]['data']>;

/** A checked operation of one type, defaults filled in; without a parameter, the union of all. */
export type Operation<Type extends OperationType = OperationType> = {
  [Each in Type]: MigrationOperation<Each, OperationData<Each>>;
}[Type];

/** An operation of any type as users write it. */
export type AnyOperationInput = {
  [Each in OperationType]: OperationInput<Each, z.input<(typeof operationRegistry)[Each]['data']>>;
}[OperationType];

/** All types, in the order of the reference. */
export const operationTypes = Object.keys(operationRegistry) as OperationType[];

/** Whether a text is the type of an operation. */
export function isOperationType(type: string): type is OperationType {
  return Object.hasOwn(operationRegistry, type);
}
