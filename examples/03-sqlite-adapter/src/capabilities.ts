import { jsonTypes } from '@polyshift/adapter-kit';
import { type Capabilities, type OperationType, operationTypes, type Supported } from '@polyshift/core';

const carried: Supported = { supported: true, online: true, atomic: 'batch', undo: 'exact' };

const operations: Partial<Record<OperationType, Supported>> = {
  add_field: carried,
  rename_field: carried,
  remove_field: carried,
  change_type: carried,
  migrate_data: carried,
  extract: carried,
  load: carried,
  create_collection: { ...carried, atomic: 'operation', note: 'Fields are not declared; the key is.' },
  drop_collection: { ...carried, note: 'Copied aside first.' },
  rename_collection: { ...carried, note: 'By copy.' },
};

/** What the adapter carries, as data. */
export const capabilities: Capabilities = {
  store: 'sqlite',
  title: 'SQLite (example)',
  operations: Object.fromEntries(
    operationTypes.map((type) => [type, operations[type] ?? { supported: false, reason: 'This example leaves it out.' }]),
  ) as Capabilities['operations'],
  transactions: 'always',
  validation: 'none',
  fixed_columns: false,
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason: 'The kit takes rows back one by one, each only where it is still as the step left it.',
  },
  types: jsonTypes,
  limits: { batch_rows: 10_000, batch_bytes: 64 * 2 ** 20, row_bytes: 500 * 2 ** 20 },
};
