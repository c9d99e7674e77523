import type { Capabilities, Supported, Unsupported } from '@polyshift/core';
import { largestValue } from './sink-encode.ts';
import { typeTargets } from './types.ts';

const carried = (atomic: Supported['atomic'], note?: string, online = true): Supported => ({
  supported: true,
  online,
  atomic,
  undo: 'exact',
  ...(note ? { note } : {}),
});

const not = (reason: string, instead: string): Unsupported => ({ supported: false, reason, instead });

/** What the Redis adapter carries. */
export const capabilities: Capabilities = {
  store: 'redis',
  title: 'Redis',
  operations: {
    add_field: carried('row', 'Only rows that lack the field get it; the definition gets its type.'),
    rename_field: carried('row', 'In its place in JSON. Refused while an index is over the field.'),
    remove_field: carried(
      'row',
      'The value comes back on rollback, in JSON with its place. Refused while an index is over the field.',
    ),
    change_type: carried(
      'row',
      'Also gives a type to fields of hashes that an application writes; where the text stays the same, only the definition changes.',
    ),
    create_index: carried(
      'row',
      'A sorted set, sets (`hashed`) or a hash (`unique`), kept by polyshift; the application keeps it with its own writes, and verify tells what differs.',
    ),
    alter_index: carried('row', 'A new name: built anew, then the old one is deleted.'),
    drop_index: carried('operation', 'Rollback fills it again from the rows.'),
    create_collection: carried('operation', 'Writes the definition: key, types, encoding, time to live.'),
    drop_collection: carried(
      'row',
      'Keys are renamed aside one by one until the migration is finalized; the time to live goes on.',
      false,
    ),
    rename_collection: carried(
      'row',
      'Keys are renamed one by one, by DUMP and RESTORE between slots of a cluster; the time to live is kept.',
      false,
    ),
    schema_validation: carried(
      'operation',
      'Stored: existing rows are checked, and what polyshift writes; Redis itself refuses nothing.',
    ),
    drop_validation: carried('operation'),
    migrate_data: carried(
      'row',
      'An update pipeline, evaluated by polyshift; each row is changed exactly once, also after a crash.',
    ),
    extract: carried('row', 'The copies do not expire, unless the new collection says so.'),
    load: carried('row'),
    alter_options: carried(
      'row',
      '`encoding` of new rows; `ttl_seconds` of new rows, and of those that have none. What has expired before a rollback is gone.',
    ),
    change_encoding: carried('row', 'Hash to JSON and back, each row in one step; the definition keeps the types.'),
    add_constraint: not('Redis has no constraints.', 'create_index with unique, any other rule by schema_validation'),
    drop_constraint: not('Redis has no constraints.', 'drop_index or drop_validation'),
    set_default: not('Redis has no default values.', 'add_field fills existing rows; new ones get defaults from the application'),
    run_sql: not('Redis does not speak SQL.', 'migrate_data with an update pipeline'),
    online_change: carried(
      'row',
      'The new version is a collection of its own and keeps its name; passes over both carry writes over, so run `polyshift follow` while both are in use. An expiry goes over with the row that is copied; one that is changed later does not.',
    ),
    merge_pipeline: not('Redis has no aggregation pipelines.', 'extract, and load from another collection'),
    add_gsi: not('Global secondary indexes are DynamoDB.', 'create_index'),
    update_capacity: not('Provisioned capacity is DynamoDB.', 'alter_options'),
    create_materialized_view: not('Redis has no views.', 'extract, run when it is wanted'),
    drop_materialized_view: not('Redis has no views.', 'drop_collection'),
    put_template: not('Index templates are Elasticsearch.', 'create_collection'),
    drop_template: not('Index templates are Elasticsearch.', 'drop_collection'),
  },
  transactions: 'none',
  validation: 'stored',
  fixed_columns: false,
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason: 'Redis commands have no conditions over what is kept aside; each key is a request of its own.',
    instead: '`polyshift down` takes it back, and can be stopped and resumed at any time.',
  },
  types: typeTargets,
  limits: { batch_rows: 100_000, batch_bytes: 64_000_000, row_bytes: largestValue },
};
