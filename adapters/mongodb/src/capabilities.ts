import type { Capabilities, Supported, Unsupported } from '@polyshift/core';
import { types } from './types.ts';

const carried = (atomic: Supported['atomic'], note?: string, online = true): Supported => ({
  supported: true,
  online,
  atomic,
  undo: 'exact',
  ...(note ? { note } : {}),
});

const not = (reason: string, instead: string): Unsupported => ({ supported: false, reason, instead });

/** What the MongoDB adapter carries. */
export const capabilities: Capabilities = {
  store: 'mongodb',
  title: 'MongoDB',
  operations: {
    add_field: carried('batch', 'Only documents that lack the field get it; without a default value nothing is written.'),
    rename_field: carried('batch', 'The order of the fields is kept; needs no downtime of readers that take both names.'),
    remove_field: carried('batch', 'The value and its place come back on rollback.'),
    change_type: carried(
      'batch',
      'By $convert; a value that does not convert, or not without loss, stops it before anything is changed.',
    ),
    create_index: carried('operation', 'Built online; options go to the server as they are.'),
    alter_index: carried('operation', 'collMod; a new name means that the index is built anew.'),
    drop_index: carried('operation'),
    create_collection: carried('operation', 'Fields are not declared in MongoDB: use schema_validation.'),
    drop_collection: carried(
      'operation',
      'Renamed aside until the migration is finalized; views are dropped with their definition kept.',
    ),
    rename_collection: carried('operation'),
    schema_validation: carried('operation', 'collMod with $jsonSchema; needs a server that keeps validators.'),
    drop_validation: carried('operation'),
    migrate_data: carried('batch', 'An update pipeline; each document is changed exactly once, also after a crash.'),
    extract: carried('operation', 'By $out into a collection aside, which is then renamed.'),
    load: carried('batch'),
    merge_pipeline: carried(
      'batch',
      'With the semantics of $merge, in batches with before-images; an update pipeline as when_matched needs transactions.',
    ),
    alter_options: carried('operation', 'The options that collMod takes.'),
    add_constraint: not('MongoDB has no constraints.', 'A unique index by create_index, any other rule by schema_validation.'),
    drop_constraint: not('MongoDB has no constraints.', 'drop_index or drop_validation.'),
    set_default: not(
      'MongoDB has no default values.',
      'add_field fills existing documents; new ones get defaults from the application.',
    ),
    run_sql: not('MongoDB does not speak SQL.', 'migrate_data or merge_pipeline with an aggregation pipeline.'),
    online_change: carried(
      'batch',
      'The new version is a collection of its own and keeps its name (`users_v0002`): applications move to it, `finalize` ends the old collection; both are kept in step by change streams, or by comparing where the server has none.',
    ),
    add_gsi: not('Global secondary indexes are DynamoDB.', 'create_index'),
    update_capacity: not('Provisioned capacity is DynamoDB.', 'alter_options'),
    create_materialized_view: not(
      'MongoDB has no view that the server keeps up to date.',
      'merge_pipeline, run when it is wanted',
    ),
    drop_materialized_view: not('MongoDB has no view that the server keeps up to date.', 'drop_collection'),
    change_encoding: not('Documents of MongoDB have one encoding.', 'change_type or migrate_data'),
    put_template: not('Index templates are Elasticsearch.', 'create_collection'),
    drop_template: not('Index templates are Elasticsearch.', 'drop_collection'),
  },
  transactions: 'by_server',
  validation: 'native',
  fixed_columns: false,
  key_field: '_id',
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason:
      'Commands of MongoDB have no guards: a script could neither refuse a changed history nor values written since, nor bring rows back by their before-images alone.',
    instead: '`polyshift down` takes it back, and can be stopped and resumed at any time.',
  },
  types,
  limits: { batch_rows: 100_000, batch_bytes: 48_000_000, row_bytes: 16_777_216 },
};
