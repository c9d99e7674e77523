import type { ConformanceOptions } from '@polyshift/testkit/conformance';
import { createConnection } from 'mysql2/promise';

const index = { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } } as const;

/** What both servers are held to. */
export const options: ConformanceOptions = {
  queries: () => ({
    mail: 'SELECT mail, name FROM items WHERE id = 1',
    nothing: 'SELECT mail FROM items WHERE id = -1',
    writes: [
      'DELETE FROM items WHERE id = 1',
      "UPDATE items SET mail = 'x'",
      'SELECT 1; DELETE FROM items',
      'DROP TABLE items',
      'TRUNCATE TABLE items',
      '/*! DROP TABLE items */',
      '/* SELECT */ DROP TABLE items',
      "SELECT mail FROM items INTO OUTFILE 'mails'",
      'WITH few AS (SELECT 1 AS id) DELETE FROM items WHERE id IN (SELECT id FROM few)',
    ],
  }),
  unreachable_url: 'mysql://app:s3cret@127.0.0.1:9/none',
  kill_points: 3,
  async run_script(url, { statements, text }, how) {
    const connection = await createConnection({ uri: url, multipleStatements: how === 'file' });
    try {
      for (const statement of how === 'file' ? [text] : statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  },
  sequences: 4,
  values: [{ type: { kind: 'text' }, values: ['half a pair: \ud83d', 'nul: \0'] }],
  scenarios: {
    alter_index: [
      {
        title: 'hidden and renamed',
        before: [index],
        operation: {
          type: 'alter_index',
          collection: 'items',
          data: { name: 'items_mail', new_name: 'items_post', hidden: true },
        },
      },
    ],
    alter_options: [
      {
        title: 'comment and row format',
        operation: {
          type: 'alter_options',
          collection: 'items',
          data: { options: { comment: "it's", row_format: 'COMPACT', stats_persistent: 1 } },
        },
      },
    ],
    change_type: [
      {
        title: 'with an expression, under an index and a check',
        before: [
          { type: 'create_index', collection: 'items', data: { name: 'items_age', keys: { age: 1, id: -1 } } },
          {
            type: 'add_constraint',
            collection: 'items',
            data: { name: 'items_age_check', constraint: { kind: 'check', expression: 'age >= 0' } },
          },
        ],
        operation: { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'int64', using: 'age * 10' } },
      },
    ],
    remove_field: [
      {
        title: 'one that must have a value, under an index and a check',
        before: [
          { type: 'create_index', collection: 'items', data: { name: 'items_name', keys: { name: 1, age: 1 } } },
          {
            type: 'add_constraint',
            collection: 'items',
            data: { name: 'items_name_check', constraint: { kind: 'check', expression: 'char_length(name) > 0' } },
          },
        ],
        operation: { type: 'remove_field', collection: 'items', data: { field_name: 'name' } },
      },
    ],
    extract: [
      {
        title: 'with a pipeline, distinct',
        operation: {
          type: 'extract',
          collection: 'items',
          data: {
            into: 'ages',
            fields: { years: 'age', kind: 'legacy' },
            pipeline: [{ $set: { legacy: { $cond: [{ $gte: ['$age', 40] }, 'old', 'young'] } } }],
            distinct: true,
          },
        },
      },
    ],
    rename_field: [
      {
        title: 'under an index and a check',
        before: [
          { type: 'create_index', collection: 'items', data: { name: 'items_age', keys: { age: 1 } } },
          {
            type: 'add_constraint',
            collection: 'items',
            data: { name: 'items_age_check', constraint: { kind: 'check', expression: 'age >= 0' } },
          },
        ],
        operation: { type: 'rename_field', collection: 'items', data: { old_name: 'age', new_name: 'years' } },
      },
    ],
    drop_index: [
      {
        title: 'with computed columns of its own',
        before: [
          {
            type: 'create_index',
            collection: 'items',
            data: { name: 'items_some', keys: { mail: 1, age: -1 }, unique: true, where: { age: { gt: 20 } } },
          },
        ],
        operation: { type: 'drop_index', collection: 'items', data: { name: 'items_some' } },
      },
    ],
    drop_constraint: [
      {
        title: 'the primary key',
        operation: { type: 'drop_constraint', collection: 'items', data: { name: 'PRIMARY' } },
      },
    ],
    run_sql: [
      {
        title: 'definition and rows, with its down script',
        operation: {
          type: 'run_sql',
          collection: '*',
          data: { up: 'CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes VALUES (1), (2)', down: 'DROP TABLE notes' },
        },
      },
    ],
    online_change: [
      {
        title: 'renamed, retyped, added and reckoned',
        operation: {
          type: 'online_change',
          collection: 'items',
          data: {
            operations: [
              { type: 'rename_field', data: { old_name: 'legacy', new_name: 'former' } },
              { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
              { type: 'add_field', data: { field_name: 'tier', default_value: 'free' } },
              { type: 'migrate_data', conditions: { age: { gte: 30 } }, data: { pipeline: [{ $set: { tier: 'adult' } }] } },
            ],
          },
          // One chunk: how many smaller ones there are, and so places to be killed at, the speed of the server decides.
          batch_size: 100,
        },
      },
      {
        title: 'with constraints and indexes, and without a field',
        before: [
          index,
          {
            type: 'add_constraint',
            collection: 'items',
            data: { name: 'items_age_check', constraint: { kind: 'check', expression: 'age >= 0' } },
          },
        ],
        operation: {
          type: 'online_change',
          collection: 'items',
          data: {
            operations: [
              { type: 'remove_field', data: { field_name: 'legacy' } },
              { type: 'drop_constraint', data: { name: 'items_age_check' } },
              { type: 'drop_index', data: { name: 'items_mail' } },
              { type: 'add_constraint', data: { name: 'mail_once', constraint: { kind: 'unique', fields: ['mail'] } } },
              { type: 'set_default', data: { field_name: 'name', default_value: 'nobody' } },
              {
                type: 'schema_validation',
                data: { schema: { bsonType: 'object', required: ['name'], properties: { age: { minimum: 1 } } } },
              },
              { type: 'alter_options', data: { options: { comment: 'the new one' } } },
            ],
            back: { legacy: "CONCAT('of ', name)" },
          },
          batch_size: 100,
        },
      },
    ],
    add_constraint: [
      {
        title: 'foreign key',
        before: [{ type: 'create_collection', collection: 'orders', data: { fields: [{ name: 'item', type: 'int64' }] } }],
        operation: {
          type: 'add_constraint',
          collection: 'orders',
          data: {
            name: 'orders_item',
            constraint: {
              kind: 'foreign_key',
              fields: ['item'],
              references: { collection: 'items', fields: ['id'] },
              on_delete: 'cascade',
            },
          },
        },
      },
    ],
  },
};
