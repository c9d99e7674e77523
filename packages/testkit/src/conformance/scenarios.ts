import { type Adapter, type AnyOperationInput, type OperationType, operationTypes, type PortableValue } from '@polyshift/core';
import type { ConformanceOptions, Scenario } from './options.ts';
import { seedRows } from './seed.ts';

const index = { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } } as const;
const unique = {
  type: 'add_constraint' as const,
  collection: 'items',
  data: { name: 'items_mail_unique', constraint: { kind: 'unique' as const, fields: ['mail'] } },
};
const validation: AnyOperationInput = {
  type: 'schema_validation',
  collection: 'items',
  data: { schema: { bsonType: 'object', required: ['name'] } },
};

/** Whether a row of the seed meets `{ age: { gte: 30 } }`. */
function isAdult([, , , age]: readonly PortableValue[]): boolean {
  return age !== null && (age as number) >= 30;
}

/** What the suite proves of each operation with no word from the adapter's author. */
function ownScenarios(key: string, hasIndexes: boolean): Partial<Record<OperationType, readonly Scenario[]>> {
  const filled = hasIndexes ? { title: 'with rows and an index', before: [index] } : { title: 'with rows' };
  return {
    add_field: [
      {
        title: 'with a default',
        operation: { type: 'add_field', collection: 'items', data: { field_name: 'verified', default_value: false } },
      },
      {
        title: 'with a default for some rows, in small batches',
        operation: {
          type: 'add_field',
          collection: 'items',
          data: { field_name: 'tier', type: 'text', default_value: 'gold' },
          conditions: { age: { gte: 30 } },
          batch_size: 7,
        },
      },
    ],
    rename_field: [
      {
        title: 'a field that some rows lack',
        operation: { type: 'rename_field', collection: 'items', data: { old_name: 'legacy', new_name: 'old' }, batch_size: 13 },
      },
    ],
    remove_field: [
      {
        title: 'a field with values and nulls',
        operation: { type: 'remove_field', collection: 'items', data: { field_name: 'legacy' }, batch_size: 13 },
      },
    ],
    change_type: [
      {
        title: 'widened',
        operation: { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'int64' }, batch_size: 11 },
      },
      {
        title: 'to text',
        operation: { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'text' }, batch_size: 11 },
      },
    ],
    create_index: [
      { title: 'plain', operation: index },
      { title: 'unique', operation: { ...index, data: { name: 'items_unique', keys: { mail: 1, name: -1 }, unique: true } } },
      {
        title: 'partial',
        operation: { ...index, data: { name: 'items_partial', keys: { mail: 1 }, where: { age: { gt: 20 } } } },
      },
    ],
    alter_index: [
      {
        title: 'renamed',
        before: [index],
        operation: { type: 'alter_index', collection: 'items', data: { name: 'items_mail', new_name: 'items_post' } },
      },
    ],
    drop_index: [
      { title: 'by name', before: [index], operation: { type: 'drop_index', collection: 'items', data: { name: 'items_mail' } } },
    ],
    create_collection: [
      {
        title: 'with fields and a key',
        operation: {
          type: 'create_collection',
          collection: 'orders',
          data: {
            fields: [
              { name: key, type: 'int64', nullable: false },
              { name: 'total', type: 'decimal' },
            ],
            key: [key],
          },
        },
      },
    ],
    drop_collection: [{ ...filled, operation: { type: 'drop_collection', collection: 'items', data: {} } }],
    rename_collection: [
      {
        ...filled,
        operation: { type: 'rename_collection', collection: 'items', data: { new_name: 'things' } },
      },
    ],
    schema_validation: [
      { title: 'first', operation: validation },
      {
        title: 'in place of another',
        before: [validation],
        operation: {
          type: 'schema_validation',
          collection: 'items',
          data: { schema: { bsonType: 'object', required: ['name', 'mail'] }, level: 'moderate' },
        },
      },
    ],
    drop_validation: [
      {
        title: 'what a migration has set',
        before: [validation],
        operation: { type: 'drop_validation', collection: 'items', data: {} },
      },
    ],
    migrate_data: [
      {
        title: 'a change that must be applied once',
        operation: {
          type: 'migrate_data',
          collection: 'items',
          conditions: { age: { gte: 30 } },
          data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] },
          batch_size: 7,
        },
        result: {
          collection: 'items',
          fields: [key, 'name'],
          rows: seedRows().map((row) => [String(row[0]), `${row[1] as string}${isAdult(row) ? '!' : ''}`]),
        },
      },
      {
        title: 'a constant for every row',
        operation: {
          type: 'migrate_data',
          collection: 'items',
          data: { pipeline: [{ $set: { mail: 'none' } }] },
          batch_size: 25,
        },
      },
    ],
    extract: [
      {
        title: 'some rows',
        operation: {
          type: 'extract',
          collection: 'items',
          conditions: { age: { gte: 30 } },
          data: { into: 'adults', key: [key] },
          batch_size: 9,
        },
      },
      {
        title: 'with a transformation',
        operation: {
          type: 'extract',
          collection: 'items',
          conditions: { age: { gte: 30 } },
          data: {
            into: 'adults',
            pipeline: [{ $set: { name: { $concat: ['$name', '!'] }, age: { $add: ['$age', 1] } } }, { $unset: 'mail' }],
            fields: [key, 'name', 'age'],
            key: [key],
          },
          batch_size: 9,
        },
        result: {
          collection: 'adults',
          fields: [key, 'name', 'age'],
          rows: seedRows()
            .filter(isAdult)
            .map(([id, name, , age]) => [String(id), `${name as string}!`, String((age as number) + 1)]),
        },
      },
    ],
    load: [
      {
        title: 'new rows',
        operation: {
          type: 'load',
          collection: 'items',
          data: {
            rows: [
              { [key]: 100_001, name: 'new', mail: 'a' },
              { [key]: 100_002, name: 'newer', mail: null },
            ],
            key: [key],
          },
        },
      },
      {
        title: 'over rows that exist',
        operation: {
          type: 'load',
          collection: 'items',
          data: {
            rows: [
              { [key]: 1, name: 'changed' },
              { [key]: 100_001, name: 'new' },
            ],
            key: [key],
            mode: 'upsert',
          },
        },
      },
    ],
    add_constraint: [
      { title: 'unique', operation: unique },
      {
        title: 'check',
        operation: { ...unique, data: { name: 'items_age', constraint: { kind: 'check', expression: 'age >= 0' } } },
      },
      {
        title: 'not null',
        before: [{ type: 'drop_constraint', collection: 'items', data: { name: 'items_name', not_null: 'name' } }],
        operation: { ...unique, data: { name: 'items_name', constraint: { kind: 'not_null', field: 'name' } } },
      },
    ],
    drop_constraint: [
      {
        title: 'unique',
        before: [unique],
        operation: { type: 'drop_constraint', collection: 'items', data: { name: 'items_mail_unique' } },
      },
    ],
    set_default: [
      {
        title: 'a constant',
        operation: { type: 'set_default', collection: 'items', data: { field_name: 'name', default_value: "it's" } },
      },
    ],
  };
}

/** The scenarios of each operation that an adapter declares, its author's among them. */
export function scenariosOf(
  adapter: Adapter,
  options: ConformanceOptions,
): { type: OperationType; scenarios: readonly Scenario[] }[] {
  const own = ownScenarios(options.key ?? 'id', adapter.capabilities.operations.create_index.supported);
  return operationTypes
    .filter((type) => adapter.capabilities.operations[type].supported)
    .map((type) => ({
      type,
      scenarios: [...(options.replace?.includes(type) ? [] : (own[type] ?? [])), ...(options.scenarios?.[type] ?? [])],
    }));
}
