import type { Capabilities, Supported, Unsupported } from '@polyshift/core';
import { typeTargets } from './types.ts';
import { maxItemBytes } from './values/size.ts';

const carried = (atomic: Supported['atomic'], note?: string, online = true): Supported => ({
  supported: true,
  online,
  atomic,
  undo: 'exact',
  ...(note ? { note } : {}),
});

const not = (reason: string, instead: string): Unsupported => ({ supported: false, reason, instead });

/** What the DynamoDB adapter carries. */
export const capabilities: Capabilities = {
  store: 'dynamodb',
  title: 'DynamoDB',
  operations: {
    add_field: carried('row', 'Only items that lack the attribute get it; without a default value nothing is written.'),
    rename_field: carried('row', 'Not for attributes of the key: copy the table by extract with another key.'),
    remove_field: carried('row', 'Not for attributes of the key.'),
    change_type: carried('row', 'Not for attributes of keys; all numbers are of one type, so among them only the value counts.'),
    create_index: carried(
      'operation',
      'A global secondary index over one or two attributes, never unique; it waits until the index is filled.',
    ),
    alter_index: carried('operation', 'A new name: the index is built anew, then the old one is dropped.'),
    drop_index: carried('operation', 'Global secondary indexes; rollback builds the index again.'),
    create_collection: carried(
      'operation',
      'A table with partition and sort key; options are billing mode, capacity, stream, expiry, class, protection, key_types, local_indexes.',
    ),
    drop_collection: carried('operation', 'Copied into a table aside and compared, then deleted: stop writing first.', false),
    rename_collection: carried(
      'operation',
      'DynamoDB has no rename: copied under the new name and compared, then deleted: stop writing first.',
      false,
    ),
    schema_validation: carried(
      'operation',
      'DynamoDB has none: the schema is stored, existing items are checked against it, and loads and changes by polyshift hold to it.',
    ),
    drop_validation: carried('operation'),
    migrate_data: carried(
      'row',
      'An update pipeline evaluated by polyshift; each item is changed exactly once, also after a crash.',
    ),
    extract: carried(
      'row',
      'A table-to-table copy with conditions, pipeline and choice of attributes; the new table is paid per request.',
    ),
    load: carried('row'),
    alter_options: carried(
      'operation',
      'stream_view_type, ttl_attribute, table_class, deletion_protection, point_in_time_recovery.',
    ),
    add_gsi: carried('operation', 'One at a time, as the service demands; it waits until the index is filled.'),
    update_capacity: carried('operation', 'Billing mode and throughput of the table and its global indexes.'),
    add_constraint: not(
      'DynamoDB has no constraints but the key.',
      'schema_validation, or a table whose key is the unique value.',
    ),
    drop_constraint: not('DynamoDB has no constraints but the key.', 'drop_validation'),
    set_default: not(
      'DynamoDB has no default values.',
      'add_field fills existing items; new ones get defaults from the application.',
    ),
    run_sql: not('Migrations of DynamoDB are not written in SQL, and PartiQL changes one item at a time.', 'migrate_data'),
    online_change: carried(
      'row',
      'The new version is a table of its own and keeps its name; passes over both carry writes over, so run `polyshift follow` while both are in use: each reads both tables whole.',
    ),
    merge_pipeline: not('DynamoDB has no aggregation.', 'extract and load, or an ETL spec.'),
    create_materialized_view: not('DynamoDB has no materialized views.', 'add_gsi, which the service keeps up to date.'),
    drop_materialized_view: not('DynamoDB has no materialized views.', 'drop_index'),
    change_encoding: not('Items of DynamoDB have one encoding.', 'change_type or migrate_data'),
    put_template: not('DynamoDB has no templates for tables.', 'create_collection'),
    drop_template: not('DynamoDB has no templates for tables.', 'drop_collection'),
  },
  transactions: 'always',
  validation: 'stored',
  fixed_columns: false,
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason:
      'DynamoDB has no statements that change a table and its rows by what is kept aside; each row is a request of its own.',
    instead: '`polyshift down` takes it back, and can be stopped and resumed at any time.',
  },
  types: typeTargets,
  // The service's own limits of 25 items and 16 MB hold for its batch requests, into which a write of polyshift is cut.
  limits: { batch_rows: 10_000, batch_bytes: 64_000_000, row_bytes: maxItemBytes },
};
