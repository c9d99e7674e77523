import { oddName } from './common-set-up.ts';
import type { OperationCase } from './operation-case.ts';

/** Operations on tables, their options and rows. */
export const tableCases: readonly OperationCase[] = [
  {
    name: 'create_collection',
    operation: {
      type: 'create_collection',
      collection: 'fresh',
      data: {
        fields: [
          { name: 'id', type: 'int64', nullable: false, identity: true },
          { name: 'at', type: 'timestamptz', default_expression: 'now()' },
          { name: 'd', type: { kind: 'decimal', precision: 8, scale: 2 }, default_value: 1.25 },
        ],
        key: ['id'],
        options: { fillfactor: 70, comment: 'new' },
      },
    },
    tables: ['fresh'],
  },
  { name: 'drop_collection', operation: { type: 'drop_collection', collection: 'users', data: {} } },
  {
    name: 'drop_collection of an odd name',
    operation: { type: 'drop_collection', collection: oddName, data: {} },
    tables: [oddName],
  },
  {
    name: 'drop_collection in a schema',
    operation: { type: 'drop_collection', collection: 'sales.orders', data: {} },
    tables: ['sales.orders'],
  },
  {
    name: 'rename_collection',
    operation: { type: 'rename_collection', collection: 'users', data: { new_name: 'people' } },
    tables: ['users', 'people'],
  },
  {
    name: 'rename_collection in a schema',
    operation: { type: 'rename_collection', collection: 'sales.orders', data: { new_name: 'sales.bills' } },
    tables: ['sales.orders', 'sales.bills'],
  },
  {
    name: 'migrate_data with literals',
    operation: {
      type: 'migrate_data',
      collection: 'users',
      conditions: { age: { gte: 18 } },
      data: { pipeline: [{ $set: { score: 7.5, feeling: 'ok', tags: ['x', 'y'], settings: { k: 1 } } }] },
      batch_size: 10,
    },
  },
  {
    name: 'migrate_data with expressions',
    operation: {
      type: 'migrate_data',
      collection: 'users',
      data: {
        pipeline: [
          {
            $set: {
              email: { $toLower: { $concat: ['$first_name', '.', { $ifNull: ['$last_name', 'x'] }, '@', { $toString: '$id' }] } },
              age: { $add: ['$age', 1] },
            },
          },
          { $unset: 'last_name' },
        ],
      },
      batch_size: 8,
    },
  },
  {
    name: 'migrate_data that is not idempotent',
    operation: {
      type: 'migrate_data',
      collection: 'users',
      data: { set: { n: 'n + 1', last_name: "coalesce(last_name, 'none') || '!'" } },
      batch_size: 9,
    },
  },
  {
    name: 'migrate_data with a trigger that changes more',
    operation: { type: 'migrate_data', collection: 'users', data: { set: { n: 'n * 2' } }, batch_size: 20 },
    setUp: `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := clock_timestamp(); RETURN NEW; END $$; CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()`,
  },
  {
    name: 'extract',
    operation: { type: 'extract', collection: 'users', conditions: { age: { gt: 30 } }, data: { into: 'older', key: ['id'] } },
    tables: ['users', 'older'],
  },
  {
    name: 'extract distinct with new names',
    operation: {
      type: 'extract',
      collection: 'users',
      data: { into: 'sales.places', fields: { place: 'country', mood: 'feeling' }, distinct: true },
    },
    tables: ['users', 'sales.places'],
  },
  {
    name: 'extract with a pipeline',
    operation: {
      type: 'extract',
      collection: 'users',
      conditions: { age: { gt: 30 } },
      data: {
        into: 'names',
        pipeline: [
          { $set: { full_name: { $concat: ['$first_name', ' ', { $ifNull: ['$last_name', '?'] }] } } },
          { $unset: 'raw' },
        ],
        key: ['id'],
      },
    },
    tables: ['users', 'names'],
  },
  {
    name: 'load of rows',
    operation: {
      type: 'load',
      collection: 'countries',
      data: {
        rows: [
          { code: 'IT', name: 'Italy' },
          { code: 'ES', name: 'Spain' },
          { code: 'PT', name: "P'" },
        ],
      },
      batch_size: 2,
    },
    tables: ['countries'],
  },
  {
    name: 'load upsert',
    operation: {
      type: 'load',
      collection: 'countries',
      data: {
        rows: [
          { code: 'DE', name: 'Deutschland' },
          { code: 'IT', name: 'Italia' },
        ],
        mode: 'upsert',
      },
      batch_size: 1,
    },
    tables: ['countries'],
  },
  {
    name: 'load ignore',
    operation: {
      type: 'load',
      collection: 'countries',
      data: {
        rows: [
          { code: 'DE', name: 'x' },
          { code: 'IT', name: 'y' },
        ],
        mode: 'ignore',
      },
    },
    tables: ['countries'],
  },
  {
    name: 'load from another table',
    operation: {
      type: 'load',
      collection: 'users',
      data: { from: 'incoming', key: ['id'], fields: { id: 'user', first_name: 'name', tags: 'tags' }, mode: 'upsert' },
      conditions: { user: { gt: 40 } },
      batch_size: 6,
    },
    setUp:
      "CREATE TABLE incoming (user_key integer PRIMARY KEY, \"user\" integer, name text, tags text[]); INSERT INTO incoming SELECT g, g, 'New ' || g, '{n}' FROM generate_series(30, 90) AS g",
  },
  {
    name: 'alter_options',
    operation: {
      type: 'alter_options',
      collection: 'users',
      data: { options: { fillfactor: 60, autovacuum_enabled: false, 'toast.autovacuum_enabled': false, comment: "it's people" } },
    },
  },
  {
    name: 'alter_options to the default',
    operation: { type: 'alter_options', collection: 'users', data: { options: { fillfactor: null, comment: null } } },
  },
  {
    name: 'run_sql',
    operation: {
      type: 'run_sql',
      data: { up: 'ALTER TABLE users ADD COLUMN z int; UPDATE users SET z = n', down: 'ALTER TABLE users DROP COLUMN z' },
    },
  },
  {
    name: 'run_sql statement by statement',
    operation: {
      type: 'run_sql',
      data: {
        up: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS zz ON users (n);\nALTER TABLE users ADD COLUMN z int;',
        down: 'DROP INDEX CONCURRENTLY IF EXISTS zz; ALTER TABLE users DROP COLUMN IF EXISTS z',
        transaction: false,
      },
    },
  },
];
