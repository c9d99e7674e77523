import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { Client } from 'pg';
import { inject } from 'vitest';
import postgresql from '../src/index.ts';

conformance(
  postgresql,
  { fresh: () => freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }) },
  {
    queries: () => ({
      mail: 'SELECT mail, name FROM items WHERE id = 1',
      nothing: 'SELECT mail FROM items WHERE id = -1',
      writes: [
        'DELETE FROM items WHERE id = 1',
        "UPDATE items SET mail = 'x'",
        'SELECT 1; DELETE FROM items',
        'DROP TABLE items',
        'TRUNCATE TABLE items',
      ],
    }),
    unreachable_url: 'postgresql://app:s3cret@127.0.0.1:9/none',
    kill_points: 4,
    async run_script(url, { statements, text }, how) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        for (const statement of how === 'file' ? [text] : statements) await client.query(statement);
      } finally {
        await client.end();
      }
    },
    values: [
      { type: { kind: 'text' }, values: ['half a pair: \ud83d', 'nul: \0'] },
      { type: { kind: 'document' }, values: [new Map([['nul', '\0']])] },
      { type: { kind: 'dynamic' }, values: ['\0'] },
    ],
    scenarios: {
      alter_options: [
        {
          title: 'storage parameter',
          operation: { type: 'alter_options', collection: 'items', data: { options: { fillfactor: 80 } } },
        },
      ],
      extract: [
        {
          title: 'with new fields, and one row of those that are the same',
          operation: {
            type: 'extract',
            collection: 'items',
            conditions: { age: { lt: 14 } },
            data: {
              into: 'kinds',
              pipeline: [
                { $set: { young: { $cond: [{ $lt: ['$age', 13] }, 'yes', 'no'] } } },
                { $set: { label: { $concat: ['young: ', '$young'] } } },
              ],
              fields: { young: 'label' },
              distinct: true,
              key: ['young'],
            },
          },
          result: { collection: 'kinds', fields: ['young'], rows: [['young: no'], ['young: yes']] },
        },
      ],
      online_change: [
        {
          title: 'renamed and retyped, in small batches',
          before: [{ type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } }],
          operation: {
            type: 'online_change',
            collection: 'items',
            data: {
              operations: [
                { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
                { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
              ],
            },
            batch_size: 11,
          },
          result: {
            collection: 'public_2.items',
            fields: ['id', 'email'],
            rows: Array.from({ length: 60 }, (_, index) => [String(index * 7 + 1), `user${index}@example.test`]),
          },
        },
      ],
      run_sql: [
        {
          title: 'with its down script',
          operation: {
            type: 'run_sql',
            collection: '*',
            data: { up: 'CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes VALUES (1), (2)', down: 'DROP TABLE notes' },
          },
        },
      ],
      add_constraint: [
        {
          title: 'foreign key',
          before: [
            {
              type: 'create_collection',
              collection: 'orders',
              data: { fields: [{ name: 'item', type: 'int64' }] },
            },
          ],
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
  },
);
