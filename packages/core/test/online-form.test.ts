import { describe, expect, it } from 'vitest';
import { checkOperation, isPolyshiftError, type Operation } from '../src/index.ts';
import { innerOperations } from '../src/operation/inner-operations.ts';
import { onlineForm } from '../src/operation/online-plan.ts';

const retype = checkOperation({ type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int64' } });
const rename = checkOperation({ type: 'rename_field', collection: 'users', data: { old_name: 'mail', new_name: 'email' } });
const index = checkOperation({ type: 'create_index', collection: 'users', data: { name: 'by_age', keys: { age: 1 } } });
const other = checkOperation({ type: 'remove_field', collection: 'orders', data: { field_name: 'note' }, batch_size: 500 });
const create = checkOperation({
  type: 'create_collection',
  collection: 'users',
  data: { fields: [{ name: 'id', type: 'int64', nullable: false }], key: ['id'] },
});

/** `users: change_type, rename_field` for an online change, the plain type for others. */
function shape(operations: readonly Operation[]): string[] {
  return operations.map((operation) =>
    operation.type === 'online_change'
      ? `${operation.collection}: ${innerOperations(operation)
          .map(({ type }) => type)
          .join(', ')}`
      : operation.type,
  );
}

describe('the online form of a migration', () => {
  it.each([
    ['what nobody notices stays as it is', [index], ['create_index']],
    ['changes of a collection become one', [retype, rename], ['users: change_type, rename_field']],
    ['in the place of the first of them, with the indexes between', [index, retype], ['users: create_index, change_type']],
    ['each collection has its own', [retype, other, rename], ['users: change_type, rename_field', 'orders: remove_field']],
    ['what the migration makes itself nobody uses', [create, retype], ['create_collection', 'change_type']],
  ])('%s', (_title, operations, expected) => {
    expect(shape(onlineForm(operations))).toEqual(expected);
  });

  it('copies 10,000 rows at a time, or as many as an operation asks for', () => {
    expect(onlineForm([retype, other]).map(({ batch_size }) => batch_size)).toEqual([10_000, 500]);
  });

  it('loses no operation that stands beside an online_change of the same collection: it refuses them', () => {
    const explicit = checkOperation({
      type: 'online_change',
      collection: 'users',
      data: { operations: [{ type: 'remove_field', data: { field_name: 'note' } }] },
    });
    expect(shape(onlineForm([explicit, other]))).toEqual(['users: remove_field', 'orders: remove_field']);
    for (const operations of [
      [explicit, retype],
      [retype, explicit],
    ]) {
      const thrown = errorOf(() => onlineForm(operations));
      expect(isPolyshiftError(thrown, 'ONLINE_REFUSED') && thrown.message).toContain('online_change on users');
    }
  });

  it.each([
    ['rename_collection', { new_name: 'people' }],
    ['drop_collection', {}],
    ['run_sql', { up: 'ALTER TABLE users ADD a int' }],
    ['load', { rows: [{ id: 1 }], key: ['id'] }],
    ['merge_pipeline', { pipeline: [], into: 'totals' }],
  ])('%s has none, and the hint says what to do', (type, data) => {
    const operation = checkOperation({ type, collection: 'users', data });
    const thrown = errorOf(() => onlineForm([operation, retype]));
    expect(isPolyshiftError(thrown, 'ONLINE_REFUSED') && thrown.hint).toMatch(/migration of its own|as operations/);
  });
});

describe('online_change in a document', () => {
  it('gives its operations their collection and their defaults', () => {
    const operation = checkOperation({
      type: 'online_change',
      collection: 'users',
      data: { operations: [{ type: 'add_field', data: { field_name: 'tier', type: 'text' } }] },
    }) as Operation<'online_change'>;
    expect(innerOperations(operation)).toEqual([
      { type: 'add_field', collection: 'users', batch_size: 1000, data: { field_name: 'tier', type: 'text', nullable: true } },
    ]);
  });

  it.each([
    ['an operation on another collection', { type: 'remove_field', collection: 'orders', data: { field_name: 'a' } }],
    ['an operation that changes no version', { type: 'drop_collection', data: {} }],
    ['parameters that the operation does not take', { type: 'remove_field', data: { field: 'a' } }],
  ])('refuses %s', (_title, inner) => {
    const thrown = errorOf(() => checkOperation({ type: 'online_change', collection: 'users', data: { operations: [inner] } }));
    expect(isPolyshiftError(thrown, 'INVALID_DOCUMENT')).toBe(true);
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
