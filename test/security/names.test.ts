import { type AnyOperationInput, down, isPolyshiftError, type OperationType, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { keyOf, type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { migration } from '../runner/stores.ts';
import { openBystander, type StageWithBystander, stateOf } from './bystander.ts';
import { type HostileKind, hostileKinds, hostileTexts, likeOthers, refusedCollections, refusedFields } from './hostile.ts';

const supports = ({ adapter }: MatrixStore, type: OperationType) => adapter.capabilities.operations[type].supported;
const where = (applies: boolean, ...operations: AnyOperationInput[]) => (applies ? operations : []);

/** A collection with a key and fields. */
function created(store: MatrixStore, collection: string, fields: readonly string[]): AnyOperationInput {
  const key = keyOf(store.adapter);
  const columns = [{ name: key, type: 'int32', nullable: false }, ...fields.map((name) => ({ name, type: 'text' }))];
  return { type: 'create_collection', collection, data: { fields: columns, key: [key] } };
}

/** A migration of one collection of a hostile name through all that is done with collections. */
function collectionMigration(store: MatrixStore, collection: string): AnyOperationInput[] {
  const key = keyOf(store.adapter);
  const last = supports(store, 'rename_collection') ? `${collection}2` : collection;
  return [
    created(store, collection, ['f']),
    { type: 'load', collection, data: { rows: [{ [key]: 1, f: collection }], key: [key] } },
    { type: 'add_field', collection, data: { field_name: 'g', type: 'text', default_value: collection } },
    { type: 'migrate_data', collection, conditions: { f: collection }, data: { pipeline: [{ $set: { g: 'x' } }] } },
    ...where(last !== collection, { type: 'rename_collection', collection, data: { new_name: last } }),
    { type: 'drop_collection', collection: last, data: {} },
  ];
}

/** A migration of a collection with fields of hostile names, and values that are as hostile, through all that is done with fields. */
function fieldMigration(store: MatrixStore, kinds: readonly HostileKind[]): AnyOperationInput[] {
  const key = keyOf(store.adapter);
  const names = kinds.map((kind) => hostileTexts[kind]);
  const values = Object.fromEntries(names.map((name) => [name, name]));
  const collection = 'people';
  const [first = '', second = ''] = names;
  return [
    created(store, collection, names),
    { type: 'load', collection, data: { rows: [{ [key]: 1, ...values }, { [key]: 2 }], key: [key] } },
    {
      type: 'add_field',
      collection,
      data: { field_name: `${first}2`, type: 'text', default_value: first },
      conditions: { [first]: first },
    },
    { type: 'rename_field', collection, data: { old_name: `${first}2`, new_name: `${second}3` } },
    ...where(supports(store, 'create_index'), {
      type: 'create_index',
      collection,
      data: { name: 'by_name', keys: { [second]: 1 } },
    }),
    ...where(supports(store, 'schema_validation'), {
      type: 'schema_validation',
      collection,
      data: { schema: { bsonType: 'object', properties: { [first]: { maxLength: 1000 } } } },
    }),
    {
      type: 'migrate_data',
      collection,
      conditions: { and: names.map((name) => ({ [name]: { in: [name, 'other'] } })) },
      data: { pipeline: [{ $set: { [`${second}3`]: { $literal: '$where' } } }] },
    },
    { type: 'remove_field', collection, data: { field_name: `${second}3` } },
  ];
}

/** Applies a migration and takes it back. Throws its error where it is refused. */
async function thereAndBack(stage: StageWithBystander, operations: readonly AnyOperationInput[], check: () => Promise<void>) {
  const options = { session: stage.session, migrations: [stage.migration, migration('2', operations)] };
  await up(options);
  await check();
  await down(options);
}

describe.each(matrixStores)('hostile names on $server', (store) => {
  it('collections of any name the store takes go there and back, and their neighbour stays', async () => {
    await using stage = await openBystander(store);
    const before = await stateOf(stage.session);
    const refused = refusedCollections[store.server];
    const kinds = hostileKinds.filter((kind) => kind !== 'prototype');
    for (const kind of kinds.filter((each) => refused.includes(each))) {
      const refusal = thereAndBack(stage, collectionMigration(store, hostileTexts[kind]), async () => undefined);
      const error: unknown = await refusal.catch((thrown: unknown) => thrown);
      expect(isPolyshiftError(error) ? error.message : error, kind).toMatch(/^before create_collection|^The name /);
    }
    const taken = kinds.filter((kind) => ![...refused, ...(likeOthers[store.server] ?? [])].includes(kind));
    const operations = taken.flatMap((kind) => collectionMigration(store, hostileTexts[kind]));
    await thereAndBack(stage, operations, async () => expect(await stateOf(stage.session)).toEqual(before));
    expect(await stateOf(stage.session)).toEqual(before);
  }, 600_000);

  it('fields of any name the store takes go there and back, and values are never operators', async () => {
    await using stage = await openBystander(store);
    const key = keyOf(store.adapter);
    const before = await stateOf(stage.session);
    const refused = refusedFields[store.server];
    const taken = hostileKinds.filter((kind) => kind !== 'prototype' && !refused.includes(kind));
    await thereAndBack(stage, fieldMigration(store, taken), async () => {
      expect((await stateOf(stage.session))['b']).toEqual(before['b']);
      expect(await stage.session.count('people')).toBe(2);
      for (const kind of taken) {
        const name = hostileTexts[kind];
        expect(await stage.session.count('people', { [name]: name }), kind).toBe(1);
        expect(await stage.session.count('people', { [name]: { nin: [name] } }), kind).toBe(1);
        expect(await stage.session.count('people', { [name]: `' OR '1'='1` }), kind).toBe(0);
      }
      expect(await stage.session.count('people', { [key]: { in: [1, 2] } })).toBe(2);
    });
    expect(await stateOf(stage.session)).toEqual(before);
  }, 600_000);
});
