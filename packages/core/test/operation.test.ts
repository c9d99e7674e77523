import { checkOperation, isPolyshiftError, operationRegistry, operations, operationTypes } from '@polyshift/core';
import { describe, expect, it } from 'vitest';

describe('operation registry', () => {
  it.each(operationTypes)('%s: its example is valid and survives JSON', (type) => {
    const definition = operationRegistry[type];
    const input = { type, ...definition.example };
    const operation = checkOperation(input);
    expect(operation.type).toBe(type);
    expect(operation.batch_size).toBe(1000);
    expect(checkOperation(JSON.parse(JSON.stringify(operation)))).toEqual(operation);
  });

  it.each(operationTypes)('%s: the factory builds what the schema accepts', (type) => {
    const { example, create } = operationRegistry[type] as {
      example: { collection: string; data: unknown };
      create: (...args: unknown[]) => unknown;
    };
    expect(() => checkOperation(create(example.collection, example.data))).not.toThrow();
  });

  it('builds operations by functions in camelCase', () => {
    expect(operations.renameField('users', { old_name: 'mail', new_name: 'email' })).toEqual({
      type: 'rename_field',
      collection: 'users',
      data: { old_name: 'mail', new_name: 'email' },
    });
    expect(Object.keys(operations)).toHaveLength(operationTypes.length);
  });

  it.each([
    [{ type: 'add_feild', collection: 'users', data: {} }, 'UNKNOWN_OPERATION', 'add_field'],
    [{ type: 'add_field', collection: 'users', data: {} }, 'INVALID_DOCUMENT', undefined],
    [{ type: 'add_field', collection: 'users', data: { field_name: 'x', defualt: 1 } }, 'INVALID_DOCUMENT', 'defualt'],
    [{ type: 'add_field', collection: 'users', data: { field_name: 'x' }, batch_size: 0 }, 'INVALID_DOCUMENT', undefined],
    [{ type: 'add_field', collection: 'us\0ers', data: { field_name: 'x' } }, 'INVALID_DOCUMENT', undefined],
    [{ type: 'rename_field', collection: 'users', data: { old_name: 'a', new_name: 'a' } }, 'INVALID_DOCUMENT', undefined],
    [
      { type: 'rename_field', collection: 'users', data: { old_name: 'a', new_name: 'b' }, conditions: { a: 1 } },
      'INVALID_DOCUMENT',
      'conditions',
    ],
    [
      { type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { a: 1 }, $unset: 'b' }] } },
      'INVALID_DOCUMENT',
      undefined,
    ],
    [{ type: 'migrate_data', collection: 'users', data: {} }, 'INVALID_DOCUMENT', undefined],
    [{ type: 'create_index', collection: 'users', data: { name: 'i', keys: {} } }, 'INVALID_DOCUMENT', undefined],
  ])('%j is refused with %s', (input, code, hint) => {
    const error = failure(() => checkOperation(input));
    expect(isPolyshiftError(error, code as 'INVALID_DOCUMENT')).toBe(true);
    if (hint) expect(`${(error as Error).message} ${(error as { hint?: string }).hint}`).toContain(hint);
  });
});

function failure(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
