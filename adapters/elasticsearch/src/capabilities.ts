import type { Capabilities, Supported, Unsupported } from '@polyshift/core';
import { typeTargets } from './types.ts';

const carried = (atomic: Supported['atomic'], note?: string, online = true): Supported => ({
  supported: true,
  online,
  atomic,
  undo: 'exact',
  ...(note ? { note } : {}),
});

const not = (reason: string, instead: string): Unsupported => ({ supported: false, reason, instead });

const reindexed =
  'Built into a new index beside the old one, which follows the writes of the application; the alias is swapped at once, with writes refused for that moment.';
const indexed = 'Elasticsearch has no indexes to create: every field of the mapping is indexed.';

/** What the Elasticsearch adapter carries. */
export const capabilities: Capabilities = {
  store: 'elasticsearch',
  title: 'Elasticsearch',
  operations: {
    add_field: carried(
      'batch',
      'By mapping, and documents that lack the field get the default; taken back by a new index, since a mapping only grows.',
    ),
    rename_field: carried('operation', reindexed),
    remove_field: carried('operation', `${reindexed} With conditions it is done in place.`),
    change_type: carried('operation', `${reindexed} A value that does not convert exactly stops it before anything is changed.`),
    create_index: not(
      indexed,
      'add_field with a type; further analyzers by alter_options, further forms of a field by change_type',
    ),
    alter_index: not(indexed, 'change_type'),
    drop_index: not(indexed, 'change_type with a mapping that says index: false'),
    create_collection: carried(
      'operation',
      'An index behind an alias, created in one step; options are settings, mappings and aliases.',
    ),
    drop_collection: carried(
      'operation',
      'The alias goes; the index is kept aside, with writes refused, until the migration is finalized.',
    ),
    rename_collection: carried('operation', 'A swap of aliases in one step.'),
    schema_validation: carried(
      'operation',
      'Kept in the mapping and enforced by polyshift where it writes; the server itself refuses unknown fields where the schema does and the mapping names all of its own.',
    ),
    drop_validation: carried('operation'),
    migrate_data: carried(
      'batch',
      'Each document is changed exactly once, by its before-image and its sequence number; an update by query could not tell.',
    ),
    extract: carried('batch'),
    load: carried('batch'),
    merge_pipeline: not('Elasticsearch has no aggregation into documents.', 'extract with a pipeline, or ETL'),
    alter_options: carried(
      'operation',
      'Index settings; those that are fixed when an index is made (analysis, shards) by a new index and a swap.',
    ),
    add_constraint: not(
      'Elasticsearch has no constraints.',
      'The key of create_collection makes the _id; any other rule by schema_validation.',
    ),
    drop_constraint: not('Elasticsearch has no constraints.', 'drop_validation'),
    set_default: not(
      'Elasticsearch has no default values.',
      'add_field fills existing documents; new ones by an ingest pipeline, set as default_pipeline by alter_options',
    ),
    run_sql: not('Its SQL only reads.', 'migrate_data'),
    online_change: carried(
      'row',
      'The new version is an alias of its own over an index of its own, and keeps its name; passes over both carry writes over, so run `polyshift follow` while both are in use.',
    ),
    add_gsi: not('Global secondary indexes are DynamoDB.', 'add_field with a type'),
    update_capacity: not('Provisioned capacity is DynamoDB.', 'alter_options with number_of_replicas'),
    create_materialized_view: not(
      'Elasticsearch has no view that the server keeps up to date.',
      'extract, run when it is wanted',
    ),
    drop_materialized_view: not('Elasticsearch has no view that the server keeps up to date.', 'drop_collection'),
    change_encoding: not('Documents of Elasticsearch have one encoding.', 'change_type or migrate_data'),
    put_template: carried('operation'),
    drop_template: carried('operation'),
  },
  transactions: 'none',
  validation: 'stored',
  fixed_columns: false,
  nested: true,
  source: true,
  sink: true,
  rollback_scripts: {
    supported: false,
    reason:
      'Requests to Elasticsearch have no guards and do not stop at the first that fails; each document is a request of its own.',
    instead: '`polyshift down` takes it back, and can be stopped and resumed at any time.',
  },
  types: typeTargets,
  limits: { batch_rows: 10_000, batch_bytes: 100_000_000, row_bytes: 100_000_000 },
};
