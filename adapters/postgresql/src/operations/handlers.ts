import type { OperationHandler, OperationHandlers, OperationType } from '@polyshift/core';
import type { Database } from '../database.ts';
import type { HandlerContext } from '../handler/context.ts';
import { withPlainIndexes } from '../online/plain-indexes.ts';
import { addConstraint } from './add-constraint.ts';
import { addField } from './add-field.ts';
import { alterIndex } from './alter-index.ts';
import { alterOptions } from './alter-options.ts';
import { changeType } from './change-type.ts';
import { createCollection } from './create-collection.ts';
import { createIndex } from './create-index.ts';
import { dropCollection } from './drop-collection.ts';
import { dropConstraint } from './drop-constraint.ts';
import { dropIndex } from './drop-index.ts';
import { dropValidation } from './drop-validation.ts';
import { extract } from './extract.ts';
import { load } from './load.ts';
import { migrateData } from './migrate-data.ts';
import { onlineChange } from './online-change.ts';
import { removeField } from './remove-field.ts';
import { renameCollection } from './rename-collection.ts';
import { renameField } from './rename-field.ts';
import { runSql } from './run-sql.ts';
import { schemaValidation } from './schema-validation.ts';
import { setDefault } from './set-default.ts';

/** The handlers of a session: one for each operation that the capabilities declare. */
export function createHandlers(database: Database, features: Readonly<Record<string, boolean>>): OperationHandlers {
  const context = { database, features };
  const inner = simpleHandlers({ database: withPlainIndexes(database), features });
  // Each handler has an undo record of its own form; the runner keeps it as JSON and gives it back to the same handler.
  return {
    ...simpleHandlers(context),
    online_change: onlineChange(context, (type) => inner[type]!),
  } as unknown as OperationHandlers;
}

/** The handlers of operations that change a collection as it is. */
function simpleHandlers(context: HandlerContext): Partial<Record<OperationType, OperationHandler>> {
  const handlers = {
    add_field: addField(context),
    rename_field: renameField(context),
    remove_field: removeField(context),
    change_type: changeType(context),
    create_index: createIndex(context),
    alter_index: alterIndex(context),
    drop_index: dropIndex(context),
    create_collection: createCollection(context),
    drop_collection: dropCollection(context),
    rename_collection: renameCollection(context),
    schema_validation: schemaValidation(context),
    drop_validation: dropValidation(context),
    migrate_data: migrateData(context),
    extract: extract(context),
    load: load(context),
    add_constraint: addConstraint(context),
    drop_constraint: dropConstraint(context),
    set_default: setDefault(context),
    alter_options: alterOptions(context),
    run_sql: runSql(context),
  };
  return handlers as unknown as Partial<Record<OperationType, OperationHandler>>;
}
