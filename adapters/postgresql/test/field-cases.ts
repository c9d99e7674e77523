import { oddName } from './common-set-up.ts';
import type { OperationCase } from './operation-case.ts';

/** Operations on columns. */
export const fieldCases: readonly OperationCase[] = [
  {
    name: 'add_field with a constant',
    operation: { type: 'add_field', collection: 'users', data: { field_name: 'active', default_value: true } },
  },
  {
    name: 'add_field of a native type',
    operation: {
      type: 'add_field',
      collection: 'users',
      data: { field_name: 'price', type: 'numeric(9,3)', default_value: 1.5, nullable: false, comment: "it's" },
    },
  },
  {
    name: 'add_field without a value',
    operation: { type: 'add_field', collection: 'sales.orders', data: { field_name: 'note', type: 'text' } },
    tables: ['sales.orders'],
  },
  {
    name: 'add_field with conditions',
    operation: {
      type: 'add_field',
      collection: 'users',
      data: { field_name: 'adult', default_value: true },
      conditions: { age: { gte: 18 } },
      batch_size: 7,
    },
  },
  {
    name: 'add_field of JSON',
    operation: { type: 'add_field', collection: oddName, data: { field_name: 'x"y', default_value: { a: ["it's"] } } },
    tables: [oddName],
  },
  {
    name: 'rename_field',
    operation: { type: 'rename_field', collection: 'users', data: { old_name: 'email', new_name: 'mail' } },
  },
  {
    name: 'rename_field of odd names',
    operation: { type: 'rename_field', collection: oddName, data: { old_name: 'b.c"d', new_name: 'e;"f' } },
    tables: [oddName],
  },
  {
    name: 'remove_field with an index and a unique constraint',
    operation: { type: 'remove_field', collection: 'users', data: { field_name: 'email' } },
  },
  {
    name: 'remove_field that is NOT NULL',
    operation: { type: 'remove_field', collection: 'users', data: { field_name: 'first_name' } },
  },
  {
    name: 'remove_field with a check',
    operation: { type: 'remove_field', collection: 'users', data: { field_name: 'size' } },
    setUp:
      "ALTER TABLE users ADD CONSTRAINT size_there CHECK (size IS NULL OR size < 1000); COMMENT ON CONSTRAINT size_there ON users IS 'c'",
  },
  {
    name: 'change_type integer to bigint',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'n', to: 'int64' } },
  },
  {
    name: 'change_type of the primary key',
    operation: { type: 'change_type', collection: 'countries', data: { field_name: 'code', to: 'text' } },
    tables: ['countries', 'users'],
  },
  {
    name: 'change_type numeric to integer (rounds)',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'score', to: 'int32' } },
  },
  {
    name: 'change_type text to integer, with using',
    operation: {
      type: 'change_type',
      collection: 'users',
      data: { field_name: 'first_name', to: 'integer', using: 'substr(first_name, 7)::integer' },
    },
  },
  {
    name: 'change_type with a partial index and a check',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'numeric' } },
    setUp: 'ALTER TABLE users DROP COLUMN twice',
  },
  {
    name: 'change_type timestamptz to text',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'seen', to: 'text' } },
  },
  {
    name: 'change_type enum to text',
    operation: { type: 'change_type', collection: 'users', data: { field_name: 'feeling', to: 'text' } },
  },
  {
    name: 'set_default to a constant',
    operation: { type: 'set_default', collection: 'users', data: { field_name: 'score', default_value: 9.75 } },
  },
  {
    name: 'set_default to an expression',
    operation: { type: 'set_default', collection: 'users', data: { field_name: 'born', expression: 'current_date' } },
  },
  { name: 'set_default to none', operation: { type: 'set_default', collection: 'users', data: { field_name: 'n' } } },
];
