import type { AnyOperationInput } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../src/tables/describe.ts';
import type { Item } from '../src/values/attribute.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

const itemOf = (id: number, more: Item = {}): Item => ({ id: { N: String(id) }, ...more });

describe('the key', () => {
  it('of a table cannot be renamed, retyped or removed in place, and the check says what to do', async () => {
    await stage.table('keyed');
    const inputs: AnyOperationInput[] = [
      { type: 'rename_field', collection: 'keyed', data: { old_name: 'id', new_name: 'number' } },
      { type: 'rename_field', collection: 'keyed', data: { old_name: 'number', new_name: 'id' } },
      { type: 'change_type', collection: 'keyed', data: { field_name: 'id', to: 'text' } },
      { type: 'remove_field', collection: 'keyed', data: { field_name: 'id' } },
      { type: 'migrate_data', collection: 'keyed', data: { pipeline: [{ $set: { id: 1 } }] } },
    ];
    for (const input of inputs) {
      const [failed] = await stage.failures(input);
      expect([input.type, failed?.check, failed?.action]).toEqual([
        input.type,
        'no_key_field',
        expect.stringContaining('extract'),
      ]);
    }
  });

  it('of a copy can be another one, of the type that its values have', async () => {
    await stage.table('people');
    await stage.put(
      'people',
      itemOf(1, { mail: { S: 'a' }, tags: { SS: ['x', 'y'] } }),
      itemOf(2, { mail: { S: 'b' }, age: { N: '7' } }),
      itemOf(3, { age: { N: '9' } }),
    );
    const extract: AnyOperationInput = {
      type: 'extract',
      collection: 'people',
      conditions: { mail: { is_null: false } },
      data: {
        into: 'by_mail',
        fields: { address: 'mail', number: 'id', tags: 'tags', older: 'older' },
        pipeline: [{ $set: { older: { $add: ['$age', 1] } } }],
        key: ['address', 'number'],
      },
    };
    await stage.thereAndBack(['people', 'by_mail'], [extract], async () => {
      const table = await readTable(stage.store, 'by_mail');
      expect(table!.definition.key).toEqual([
        { field: 'address', type: 'S' },
        { field: 'number', type: 'N' },
      ]);
      expect(await stage.texts('by_mail')).toEqual([
        '"address":S"a","number":N1,"older":n,"tags":SS["x","y"]',
        '"address":S"b","number":N2,"older":N8',
      ]);
    });
  });
});

describe('attributes', () => {
  it('keep sets, bytes and all digits beside what changes', async () => {
    await stage.table('kinds');
    await stage.put(
      'kinds',
      itemOf(1, {
        tags: { SS: ['b', 'a'] },
        m: { M: { ns: { NS: ['1', '2'] }, n: { N: '12345678901234567890.5' }, x: { S: '' } } },
        bin: { B: new Uint8Array([0, 255]) },
      }),
    );
    const inputs: AnyOperationInput[] = [
      { type: 'add_field', collection: 'kinds', data: { field_name: 'm.added', default_value: true } },
      { type: 'rename_field', collection: 'kinds', data: { old_name: 'tags', new_name: 'labels' } },
    ];
    await stage.thereAndBack(['kinds'], inputs, async () => {
      expect(await stage.texts('kinds')).toEqual([
        '"bin":BAP8=,"id":N1,"labels":SS["a","b"],"m":{"added":t,"n":N12345678901234567890.5,"ns":NS["1","2"],"x":S""}',
      ]);
    });
  });
});

describe('indexes', () => {
  const index: AnyOperationInput = {
    type: 'create_index',
    collection: 'indexed',
    data: { name: 'by_mail', keys: { mail: 1 } },
  };

  it('refuse what DynamoDB has not, each with the way around', async () => {
    await stage.table('indexed');
    await stage.put('indexed', itemOf(1, { mail: { S: 'a' } }), itemOf(2));
    const refused = async (data: object): Promise<string[]> =>
      (await stage.failures({ ...index, data: { ...index.data, ...data } } as AnyOperationInput)).map(({ message }) => message);
    expect(await refused({ unique: true })).toEqual([expect.stringContaining('never unique')]);
    expect(await refused({ where: { mail: 'a' } })).toEqual([expect.stringContaining('no partial')]);
    expect(await refused({ keys: { a: 1, b: 1, c: 1 } })).toEqual([expect.stringContaining('no third')]);
    expect(await refused({ keys: { mail: 'text' } })).toEqual([expect.stringContaining('no text index')]);
    expect(await refused({ options: { colour: 'red' } })).toEqual([expect.stringContaining('colour')]);
    expect(await refused({ keys: { id: 1 }, options: { key_types: { id: 'S' } } })).toEqual([
      expect.stringContaining('type N in another key'),
    ]);
    expect(await refused({})).toEqual([]);
  });

  it('are refused while items have values that they cannot take', async () => {
    await stage.put('indexed', itemOf(3, { mail: { NULL: true } }), itemOf(4, { mail: { S: '' } }));
    const [failed] = await stage.failures(index);
    expect(failed).toMatchObject({ check: 'index_attributes', data: { count: 2 } });
    expect(failed!.message).toMatch(/\b3\b/);
  });

  it('and local ones, capacity and options move with a table that is renamed, and come back with one that was dropped', async () => {
    const input = {
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' as const },
        { AttributeName: 'at', AttributeType: 'S' as const },
        { AttributeName: 'mail', AttributeType: 'S' as const },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' as const },
        { AttributeName: 'at', KeyType: 'RANGE' as const },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'local',
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' as const },
            { AttributeName: 'mail', KeyType: 'RANGE' as const },
          ],
          Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['x', 'a'] },
        },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'global',
          KeySchema: [{ AttributeName: 'mail', KeyType: 'HASH' as const }],
          Projection: { ProjectionType: 'ALL' as const },
          ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
        },
      ],
      BillingMode: 'PROVISIONED' as const,
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' as const },
    };
    await stage.table('moved', input);
    await stage.put('moved', { id: { N: '1' }, at: { S: 'x' }, mail: { S: 'm' } });
    const options: AnyOperationInput = {
      type: 'alter_options',
      collection: 'moved',
      data: { options: { ttl_attribute: 'expires' } },
    };
    const validation: AnyOperationInput = {
      type: 'schema_validation',
      collection: 'moved',
      data: { schema: { required: ['mail'] } },
    };
    const rename: AnyOperationInput = { type: 'rename_collection', collection: 'moved', data: { new_name: 'moved_on' } };
    const drop: AnyOperationInput = { type: 'drop_collection', collection: 'moved_on', data: {} };
    await stage.up(options, validation);
    const [before, definition] = [await stage.session.fingerprint('moved'), (await readTable(stage.store, 'moved'))!.definition];
    await stage.down(options, validation);
    await stage.thereAndBack(['moved', 'moved_on'], [options, validation, rename], async () => {
      expect((await readTable(stage.store, 'moved_on'))!.definition).toEqual(definition);
      expect(await stage.session.fingerprint('moved_on')).toEqual(before);
    });
    await stage.thereAndBack(['moved', 'moved_on'], [options, validation, rename, drop], async () => {
      expect(Object.keys((await stage.session.introspect(['moved', 'moved_on'])).collections)).toEqual([]);
    });
    const [failed] = await stage.failures({ type: 'drop_index', collection: 'moved', data: { name: 'local' } });
    expect(failed!.message).toContain('local index');
  });
});
