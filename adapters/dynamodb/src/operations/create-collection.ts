import { checkThat, fail, type Operation, PolyshiftError, type PortableType, portableTypeOf, warn } from '@polyshift/core';
import { dropCollection, makeCollection } from '../collections.ts';
import { planned } from '../planned.ts';
import { nameIsFree, tableExists } from '../preconditions.ts';
import { countItems } from '../rows/filtered-scan.ts';
import { createInput } from '../tables/create.ts';
import type { KeyType, TableDefinition } from '../tables/definition.ts';
import { definitionOfTable, isThere } from '../tables/describe.ts';
import { newKey } from '../tables/key-types.ts';
import { definitionFromOptions } from '../tables/options.ts';
import { requireFeatures } from '../tables/set-option.ts';
import type { HandlerOf } from './handler-of.ts';

const nativeTypes: Readonly<Record<KeyType, PortableType>> = {
  S: { kind: 'text' },
  N: { kind: 'decimal' },
  B: { kind: 'bytes' },
};

/** create_collection: a table with its key; other attributes are not declared in DynamoDB. */
export const createCollection: HandlerOf<'create_collection'> = (store) => ({
  async plan(operation) {
    return [
      planned('CreateTable', createInput(store, operation.collection, definitionOf(operation)), {
        risk: 'none',
        undo: 'deletes the table; refused while it holds items',
      }),
    ];
  },

  async check(operation) {
    const definition = definitionOf(operation);
    requireFeatures(store, operation.data.options ?? {}, 'data.options');
    const undeclared = operation.data.fields.filter(({ name }) => !definition.key.some(({ field }) => field === name));
    return [
      await nameIsFree(store, operation.collection),
      ...(undeclared.length === 0
        ? []
        : [
            warn(
              'fields',
              `${undeclared.map(({ name }) => name).join(', ')}: DynamoDB declares no attributes but those of keys`,
              'Use schema_validation to say what items must be like.',
            ),
          ]),
      ...undeclared
        .filter(
          ({ default_value, default_expression, identity }) => default_value !== undefined || default_expression || identity,
        )
        .map(({ name }) => fail('default', `DynamoDB has no default for ${name}`, 'Let the application give the value.')),
    ];
  },

  async prepare() {
    return {};
  },

  async *execute(operation, _undo, run) {
    await run.guard();
    await makeCollection(store, operation.collection, definitionOf(operation));
    await run.fault('created');
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const there = await tableExists(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const found = (await definitionOfTable(store, operation.collection)).key;
    return [
      there,
      checkThat(JSON.stringify(found) === JSON.stringify(definitionOf(operation).key), 'key', {
        pass: `its key is ${found.map(({ field, type }) => `${field} (${type})`).join(', ')}`,
        fail: `its key is ${JSON.stringify(found)}`,
        action: 'Somebody else has made another table of this name.',
      }),
    ];
  },

  async *rollback(operation, _undo, run) {
    if (await isThere(store, operation.collection)) {
      const count = await countItems(store, operation.collection);
      if (count > 0) {
        throw new PolyshiftError('WRITTEN_SINCE', `${operation.collection} holds ${count} items that were written since`, {
          hint: 'Move them elsewhere first, or keep the table.',
          data: { collection: operation.collection, count },
        });
      }
      await run.guard();
      await dropCollection(store, operation.collection);
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

function definitionOf({ data }: Operation<'create_collection'>): TableDefinition {
  const options = data.options ?? {};
  const typeOf = (name: string): PortableType | undefined => {
    const field = data.fields.find((each) => each.name === name);
    if (!field) return undefined;
    return portableTypeOf(field.type) ?? nativeTypes[field.type as KeyType];
  };
  return definitionFromOptions(newKey(data.key ?? [], typeOf, options, 'data'), options, 'data.options');
}
