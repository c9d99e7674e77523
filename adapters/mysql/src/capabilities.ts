import type { Capabilities, TypeKind, TypeTarget } from '@polyshift/core';
import { textInJson } from './values/losses.ts';

const unsupported = (reason: string, instead: string) => ({ supported: false, reason, instead }) as const;
const carried = (note?: string) =>
  ({ supported: true, online: true, atomic: 'operation', undo: 'exact', ...(note === undefined ? {} : { note }) }) as const;
const exact = (native: string, refuses?: string): TypeTarget => ({
  native,
  losses: [],
  ...(refuses === undefined ? {} : { refuses }),
});

const json = 'longtext with JSON_VALID';

/** What has no form in JSON becomes text there, and says so; so do the parts of a range. */
const insideJson = [...textInJson.filter((kind) => kind !== 'native'), 'range'].map((kind) => `${kind}_as_json_text`);

/** What the sink makes of each portable type. */
const types: Readonly<Record<TypeKind, TypeTarget>> = {
  boolean: exact('tinyint(1)'),
  int16: exact('smallint'),
  int32: exact('int'),
  int64: exact('bigint'),
  float32: { native: 'float', losses: ['negative_zero'], refuses: 'NaN and the infinities' },
  float64: { native: 'double', losses: ['negative_zero'], refuses: 'NaN and the infinities' },
  decimal: {
    native: 'decimal(p,s), decimal(65,30) without a precision',
    losses: ['decimal_scale'],
    refuses: 'NaN, the infinities, and more digits before the point than the column has',
  },
  text: { native: 'longtext, varchar(n)', losses: ['lone_surrogate'] },
  uuid: exact('char(36)'),
  bytes: exact('longblob'),
  date: exact('date', 'years before 0 and after 9999, and the infinities'),
  time: exact('time(6)'),
  time_tz: exact('varchar(32)'),
  timestamp: exact('datetime(6)', 'years before 0 and after 9999, and the infinities'),
  timestamptz: exact('timestamp(6)', 'times before 1970-01-01T00:00:01Z and after 2038-01-19T03:14:07Z, and the infinities'),
  interval: exact('varchar(80)'),
  json: exact(json),
  enum: exact('enum(...)'),
  array: { native: json, losses: ['native_as_json_text'] },
  range: exact(json),
  network: exact('varchar(64)'),
  bits: exact('longtext'),
  object_id: exact('char(24)'),
  document: { native: json, losses: insideJson },
  // A range by itself is told apart by its parts; inside a document it is not.
  dynamic: { native: json, losses: insideJson.filter((loss) => loss !== 'range_as_json_text') },
  native: exact('longtext; the type itself from another MySQL or MariaDB that has it'),
};

/** What the adapter carries, as data. */
export const capabilities: Capabilities = {
  store: 'mysql',
  title: 'MySQL and MariaDB',
  operations: {
    add_field: {
      ...carried('INSTANT where the server can; with conditions the matching rows are filled in batches.'),
      atomic: 'batch',
    },
    rename_field: carried('INSTANT; a check that names the column is added anew, which MySQL does by a copy of the table.'),
    remove_field: carried('The column is renamed and made invisible until the migration is finalized, then dropped.'),
    change_type: {
      supported: true,
      online: false,
      atomic: 'operation',
      undo: 'exact',
      note: 'Reads and writes wait; the old values are kept aside and need a row key.',
    },
    create_index: carried('In place while writes go on; partial and long unique ones by columns that nobody sees.'),
    alter_index: carried('Renames, hides from queries and shows again.'),
    drop_index: carried('In place; built again on rollback.'),
    create_collection: carried(),
    drop_collection: carried('Renamed out of sight until the migration is finalized.'),
    rename_collection: carried('Foreign keys and triggers go with it.'),
    schema_validation: {
      supported: true,
      online: false,
      atomic: 'operation',
      undo: 'exact',
      note: 'JSON Schema keywords become named CHECK constraints; writes wait while the server copies the table. Action warn is not supported.',
    },
    drop_validation: carried(),
    migrate_data: {
      ...carried('Before- and after-images are kept in the transaction of each batch; needs a row key.'),
      atomic: 'batch',
    },
    extract: carried('Copied aside, then renamed.'),
    load: { ...carried(), atomic: 'batch' },
    add_constraint: {
      ...carried('Unique keys and NOT NULL in place; for checks and foreign keys writes wait while the server copies the table.'),
      online: false,
    },
    drop_constraint: carried(),
    set_default: carried(),
    alter_options: carried('Engine, comment, row format, character set, next automatic number, statistics.'),
    run_sql: {
      supported: true,
      online: false,
      atomic: 'batch',
      undo: 'script',
      note: 'One transaction for statements that change rows; with statements of definition, which commit by themselves, one by one.',
    },
    online_change: {
      ...carried(
        'A table beside the old one, with triggers both ways; needs a row key; foreign keys and triggers of your own hold for both.',
      ),
      atomic: 'batch',
    },
    merge_pipeline: unsupported('Aggregation pipelines with $merge are MongoDB.', 'load with from and mode upsert, or run_sql'),
    add_gsi: unsupported('Global secondary indexes are DynamoDB.', 'create_index'),
    update_capacity: unsupported('Provisioned capacity is DynamoDB.', 'alter_options'),
    create_materialized_view: unsupported(
      'The operation is for views that the store keeps up to date, which MySQL does not have.',
      'extract, or run_sql with triggers',
    ),
    drop_materialized_view: unsupported(
      'The operation is for views that the store keeps up to date, which MySQL does not have.',
      'drop_collection',
    ),
    change_encoding: unsupported('Rows of MySQL have one encoding.', 'change_type'),
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
    atomic: 'statement',
    run_with: 'mysql DATABASE < FILE',
    refused: { online_change: 'Its way back waits for transactions by short attempts, which no script does.' },
  },
  types,
  limits: {
    batch_rows: 100_000,
    batch_bytes: 64 * 1024 * 1024,
    // A row travels in one statement of at most max_allowed_packet, which can be set to 1 GiB, and bytes as twice as many digits.
    row_bytes: 512 * 1024 * 1024,
  },
};
