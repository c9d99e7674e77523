import { type Check, fail, type JsonObject, type Operation, ownValue } from '@polyshift/core';
import { indexHandler } from '../indexes/handler.ts';
import { attributeType } from '../indexes/types.ts';
import type { Store } from '../store.ts';
import type { Capacity, IndexDefinition, KeyField, TableDefinition } from '../tables/definition.ts';
import { fieldsOf, keyType, optionProblem } from '../tables/options.ts';
import type { HandlerOf } from './handler-of.ts';

const projections = ['all', 'keys_only'];

/**
 * create_index: a global secondary index with all attributes. The first key is the partition key, a second one the sort key; options are
 * `key_types` (S, N, B by field; else as the table or its items show), `projection` and `capacity`.
 */
export const createIndex: HandlerOf<'create_index', { index: IndexDefinition; existed: boolean }> = (store) =>
  indexHandler(store, {
    async index({ collection, data }, table) {
      const options = data.options ?? {};
      const fields = Object.keys(data.keys);
      return {
        name: data.name,
        local: false,
        key: await Promise.all(fields.map((field) => keyField(store, collection, table, field, options))),
        projection: data.include ? [...data.include].sort() : ((options['projection'] as 'all' | undefined) ?? 'all'),
        capacity: table.billing_mode === 'provisioned' ? ((options['capacity'] as Capacity | undefined) ?? table.capacity) : null,
      };
    },

    refused: refusedOptions,
  });

async function keyField(
  store: Store,
  collection: string,
  table: TableDefinition,
  field: string,
  options: JsonObject,
): Promise<KeyField> {
  const given = ownValue(fieldsOf(options['key_types'] ?? null), field);
  if (given !== undefined) return { field, type: keyType(given, `data.options.key_types.${field}`) };
  return { field, type: (await attributeType(store, collection, table, field)) ?? 'S' };
}

function refusedOptions({ data }: Operation<'create_index'>): Check[] {
  const checks: Check[] = [];
  const refuse = (what: string, action: string): void => void checks.push(fail('option', what, action));
  const keys = Object.entries(data.keys);
  if (keys.length > 2) refuse('an index has a partition key and a sort key, and no third key', 'Join fields into one attribute.');
  for (const [field, kind] of keys) if (typeof kind === 'string') refuse(`DynamoDB has no ${kind} index for ${field}`, 'Use 1.');
  if (data.unique) refuse('indexes of DynamoDB are never unique', 'Make the value the key of a table of its own, by extract.');
  if (data.where)
    refuse('DynamoDB has no partial indexes', 'An index holds just the items that have its attributes: give those to the items.');
  if (data.expire_after_seconds !== undefined) refuse('an index lets nothing expire', 'Set ttl_attribute by alter_options.');
  if (data.hidden) refuse('DynamoDB has no hidden indexes', 'Leave hidden out.');
  if (data.method !== undefined) refuse('indexes of DynamoDB have one method', 'Leave method out.');
  const { key_types: _types, projection, capacity, ...others } = data.options ?? {};
  for (const name of Object.keys(others))
    refuse(`${name} is no option of an index`, 'It has key_types, projection and capacity.');
  if (projection !== undefined && !projections.includes(String(projection)))
    refuse('projection is all or keys_only', 'Name attributes by include.');
  const problem = capacity === undefined ? undefined : optionProblem('capacity', capacity);
  if (problem) refuse(problem, 'Correct it, or leave it out.');
  return checks;
}
