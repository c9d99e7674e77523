import type { Capabilities } from '@polyshift/core';
import { types } from './types.ts';

const unsupported = (reason: string, instead: string) => ({ supported: false, reason, instead }) as const;
const instant = (note?: string) =>
  ({ supported: true, online: true, atomic: 'operation', undo: 'exact', ...(note === undefined ? {} : { note }) }) as const;

/** What the adapter carries, as data. */
export const capabilities: Capabilities = {
  store: 'postgresql',
  title: 'PostgreSQL',
  operations: {
    add_field: {
      ...instant('A constant default is instant; with conditions the matching rows are filled in batches.'),
      atomic: 'batch',
    },
    rename_field: instant(),
    remove_field: instant('The column is renamed and hidden until the migration is finalized, then dropped.'),
    change_type: {
      supported: true,
      online: false,
      atomic: 'operation',
      undo: 'exact',
      note: 'Rewrites the table under an ACCESS EXCLUSIVE lock; the old values are kept aside and need a row key.',
    },
    create_index: instant('Built with CONCURRENTLY; an invalid leftover of a crash is built again.'),
    alter_index: instant('Renames; hidden and expire_after_seconds are not PostgreSQL.'),
    drop_index: instant('Dropped and, on rollback, built again with CONCURRENTLY.'),
    create_collection: instant(),
    drop_collection: instant('Moved into a schema of its own until the migration is finalized.'),
    rename_collection: instant('Indexes, sequences and constraints keep their names.'),
    schema_validation: {
      ...instant('JSON Schema keywords become named CHECK constraints; action warn is not supported.'),
      atomic: 'operation',
    },
    drop_validation: instant(),
    migrate_data: {
      supported: true,
      online: true,
      atomic: 'batch',
      undo: 'exact',
      note: 'Before- and after-images are kept aside in the transaction of each batch; needs a row key.',
    },
    extract: instant('One transaction; the target is a plain table, with a column for each field that the pipeline adds.'),
    load: { supported: true, online: true, atomic: 'batch', undo: 'exact' },
    add_constraint: instant('NOT VALID and VALIDATE, or a concurrent index: writes go on.'),
    drop_constraint: instant(),
    set_default: instant(),
    alter_options: instant('Storage parameters and the comment.'),
    run_sql: {
      supported: true,
      online: false,
      atomic: 'operation',
      undo: 'script',
      note: 'One transaction, or statement by statement with `transaction: false`.',
    },
    online_change: {
      supported: true,
      online: true,
      atomic: 'batch',
      undo: 'exact',
      note: 'The new version is a table of the same name in the schema `<schema>_<version>`; triggers carry each write to the other version in its own transaction. Needs a row key.',
    },
    merge_pipeline: unsupported('Aggregation pipelines with $merge are MongoDB.', 'load with from and mode upsert, or run_sql'),
    add_gsi: unsupported('Global secondary indexes are DynamoDB.', 'create_index'),
    update_capacity: unsupported('Provisioned capacity is DynamoDB.', 'alter_options with storage parameters'),
    create_materialized_view: unsupported(
      'The operation is for views that the store keeps up to date, which PostgreSQL does not have.',
      'run_sql with CREATE MATERIALIZED VIEW',
    ),
    drop_materialized_view: unsupported(
      'The operation is for views that the store keeps up to date, which PostgreSQL does not have.',
      'run_sql with DROP MATERIALIZED VIEW',
    ),
    change_encoding: unsupported('Rows of PostgreSQL have one encoding.', 'change_type'),
    put_template: unsupported('Index templates are Elasticsearch.', 'create_collection'),
    drop_template: unsupported('Index templates are Elasticsearch.', 'drop_collection'),
  },
  transactions: 'always',
  validation: 'constraints',
  fixed_columns: true,
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: true,
    language: 'SQL',
    atomic: 'script',
    run_with: 'psql -v ON_ERROR_STOP=1 -f FILE',
    refused: { online_change: 'what two versions have been given at once is settled by polyshift itself' },
  },
  types,
  limits: {
    batch_rows: 100_000,
    batch_bytes: 64 * 1024 * 1024,
    // A field holds one gigabyte; a row is read through a message of the same size.
    row_bytes: 1024 * 1024 * 1024 - 1,
  },
};
