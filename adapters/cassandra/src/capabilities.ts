import type { Capabilities, Supported, TypeKind, TypeTarget, Unsupported } from '@polyshift/core';
import { typeMappings } from './types.ts';

const carried = (atomic: Supported['atomic'], note?: string, parts: Partial<Supported> = {}): Supported => ({
  supported: true,
  online: true,
  atomic,
  undo: 'exact',
  ...(note ? { note } : {}),
  ...parts,
});

const not = (reason: string, instead: string): Unsupported => ({ supported: false, reason, instead });

/** What the Cassandra adapter carries. */
export const capabilities: Capabilities = {
  store: 'cassandra',
  title: 'Cassandra',
  operations: {
    add_field: carried('row', 'ALTER TABLE ADD, then the default by conditional updates.'),
    rename_field: carried(
      'row',
      'Columns of the key by ALTER TABLE RENAME; any other is copied into a new column, and the old one dropped when all is copied.',
    ),
    remove_field: carried('row', 'The values are kept aside, then ALTER TABLE DROP.'),
    change_type: carried(
      'row',
      'The store changes no type: the table is copied aside, made anew and filled; what is written in between is lost.',
      { online: false },
    ),
    create_index: carried(
      'operation',
      'A secondary index, or by `method: sai` a storage-attached one; waits until every node has built it.',
    ),
    alter_index: carried('operation', 'A new name: dropped, then built again.', { online: false }),
    drop_index: carried('operation'),
    create_collection: carried('operation', 'Options take `partition_key`, `clustering_order` and `static`.'),
    drop_collection: carried(
      'row',
      'Copied aside, compared, then dropped; the copy stays until the migration is finalized. What is written in the moment of the drop is lost.',
      { online: false },
    ),
    rename_collection: carried(
      'row',
      'The store renames no table: copied, compared, then the old one dropped; what is written in the moment of the drop is lost.',
      { online: false },
    ),
    schema_validation: carried(
      'operation',
      'A stored JSON Schema that polyshift enforces where it writes; the application is not stopped by it.',
    ),
    drop_validation: carried('operation'),
    migrate_data: carried('row', 'Each row by a conditional update, exactly once, also after a crash.'),
    extract: carried('row'),
    load: carried('row'),
    alter_options: carried('operation', 'ALTER TABLE ... WITH.'),
    run_sql: carried('batch', 'A script of CQL, statement by statement: Cassandra has no transactions.', { undo: 'script' }),
    online_change: carried(
      'row',
      'The new version is a table of its own and keeps its name; passes over both carry writes over by conditional writes, so run `polyshift follow` while both are in use, and write on conditions. Its indexes have the name of the version behind theirs, because the names of indexes are those of the keyspace.',
    ),
    create_materialized_view: carried('operation', 'Waits until every node has built it.'),
    drop_materialized_view: carried('operation', 'The store fills it again on rollback.'),
    add_constraint: not('Cassandra has no constraints beside the key.', 'schema_validation'),
    drop_constraint: not('Cassandra has no constraints beside the key.', 'drop_validation'),
    set_default: not(
      'Cassandra has no default values.',
      'add_field fills existing rows; new ones get defaults from the application.',
    ),
    merge_pipeline: not('Cassandra has no aggregation pipelines.', 'load from another table, or an ETL spec'),
    add_gsi: not('Global secondary indexes are DynamoDB.', 'create_index or create_materialized_view'),
    update_capacity: not('Provisioned capacity is DynamoDB.', 'alter_options'),
    change_encoding: not('A column of Cassandra has one encoding.', 'change_type'),
    put_template: not('Index templates are Elasticsearch.', 'create_collection'),
    drop_template: not('Index templates are Elasticsearch.', 'drop_collection'),
  },
  transactions: 'none',
  validation: 'stored',
  fixed_columns: true,
  nested: false,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason:
      'CQL has neither guards that stop a script nor statements that change rows by what is kept aside: cqlsh would go on where polyshift refuses.',
    instead: '`polyshift down` takes it back, and can be stopped and resumed at any time.',
  },
  types: typeMappings satisfies Readonly<Record<TypeKind, TypeTarget>>,
  // A row is one mutation, which is at most half a segment of the commit log: 16 MiB by default, 4 on the servers of the tests. What is
  // enforced is what the server says on connecting.
  limits: { batch_rows: 100_000, batch_bytes: 16_777_216, row_bytes: 4_194_304 },
};
