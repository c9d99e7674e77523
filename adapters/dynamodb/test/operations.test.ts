import { type AnyOperationInput, type Check, checkOperation, type OperationHandler, planUp } from '@polyshift/core';
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

/** The checks that an operation fails beforehand. */
async function failures(input: AnyOperationInput): Promise<Check[]> {
  const operation = checkOperation(input);
  const handler = stage.session.operations[operation.type] as unknown as OperationHandler;
  return (await handler.check(operation)).filter(({ status }) => status === 'FAILED');
}

/** Applies operations, looks, takes them back, and sees that all is as it was. */
async function thereAndBack(names: string[], inputs: AnyOperationInput[], look: () => Promise<void>): Promise<void> {
  await using own = await Stage.open(() => stage.url);
  const state = async () => Promise.all(names.map((name) => own.session.fingerprint(name)));
  const before = await state();
  await own.up(...inputs);
  await look();
  await own.down(...inputs);
  expect(await state()).toEqual(before);
}

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
      const [failed] = await failures(input);
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
    await thereAndBack(['people', 'by_mail'], [extract], async () => {
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
    await thereAndBack(['kinds'], inputs, async () => {
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
      (await failures({ ...index, data: { ...index.data, ...data } } as AnyOperationInput)).map(({ message }) => message);
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
    const [failed] = await failures(index);
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
    await thereAndBack(['moved', 'moved_on'], [options, validation, rename], async () => {
      expect((await readTable(stage.store, 'moved_on'))!.definition).toEqual(definition);
      expect(await stage.session.fingerprint('moved_on')).toEqual(before);
    });
    await thereAndBack(['moved', 'moved_on'], [options, validation, rename, drop], async () => {
      expect(Object.keys((await stage.session.introspect(['moved', 'moved_on'])).collections)).toEqual([]);
    });
    const [failed] = await failures({ type: 'drop_index', collection: 'moved', data: { name: 'local' } });
    expect(failed!.message).toContain('local index');
  });
});

describe('tables', () => {
  it('are made with all options of this server, and described with them', async () => {
    const create: AnyOperationInput = {
      type: 'create_collection',
      collection: 'orders',
      data: {
        fields: [
          { name: 'customer', type: 'uuid' },
          { name: 'at', type: 'N' },
        ],
        key: ['customer', 'at'],
        options: {
          billing_mode: 'provisioned',
          capacity: { read: 2, write: 3 },
          stream_view_type: 'new_image',
          ttl_attribute: 'expires',
          local_indexes: [{ name: 'by_total', sort_key: { field: 'total', type: 'N' }, projection: ['x'] }],
        },
      },
    };
    await thereAndBack(['orders'], [create], async () => {
      const schema = (await stage.session.introspect(['orders'])).collections['orders']!;
      expect(schema.key).toEqual(['customer', 'at']);
      expect(schema.fields.map(({ native }) => native)).toEqual(['S', 'N']);
      expect(schema.indexes.map(({ name, keys }) => [name, ...keys.map(({ field }) => field)])).toEqual([
        ['by_total', 'customer', 'total'],
      ]);
      expect(schema.options).toEqual({
        billing_mode: 'provisioned',
        capacity: { read: 2, write: 3 },
        stream_view_type: 'new_image',
        ttl_attribute: 'expires',
        table_class: 'standard',
      });
    });
  });

  it.each<[object, string]>([
    [{ options: { capacity: { read: 1, write: 1 } } }, 'data.options.capacity'],
    [{ options: { billing_mode: 'free' } }, 'data.options.billing_mode'],
    [{ options: { colour: 'red' } }, 'data.options.colour'],
    [{ key: [] }, 'data.key'],
    [{ key: ['a', 'b', 'c'] }, 'data.key'],
    [{ options: { key_types: { id: 'BOOL' } } }, 'data.options.key_types.id'],
    [{ options: { local_indexes: [{ name: 'l' }] } }, 'data.options.local_indexes'],
  ])('are refused with %j, with the place', async (data, path) => {
    await expect(
      failures({ type: 'create_collection', collection: 'never', data: { key: ['id'], ...data } } as AnyOperationInput),
    ).rejects.toMatchObject({ code: 'INVALID_DOCUMENT', place: { path } });
  });

  it('have names that the service takes, and every other one is refused', async () => {
    const name = 'a"; drop table b; --';
    const [failed] = await failures({ type: 'create_collection', collection: name, data: { key: ['id'] } });
    expect(failed).toMatchObject({ check: 'name_free', action: expect.stringContaining('3 to 255 letters') });
    expect((await stage.session.fingerprint(name)).schema).toBe('absent');
    await expect(stage.session.count(name)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
  });

  it('that are protected from deletion are neither dropped nor renamed', async () => {
    await stage.table('safe', { DeletionProtectionEnabled: true });
    const inputs: AnyOperationInput[] = [
      { type: 'drop_collection', collection: 'safe', data: {} },
      { type: 'rename_collection', collection: 'safe', data: { new_name: 'unsafe' } },
    ];
    for (const input of inputs) expect((await failures(input)).map(({ check }) => check)).toEqual(['deletion_protection']);
  });

  it('say in the plan that a drop or rename is a copy, and name the requests', async () => {
    const plan = async (operation: AnyOperationInput): Promise<string> => {
      const migrations = [
        { version: '1', name: 'x', operations: [checkOperation(operation)], checksum: 'sha256:0', file: '1_x.json' },
      ];
      const { statements } = (await planUp({ session: stage.session, migrations })).migrations[0]!.operations[0]!;
      return statements.map(({ statement }) => statement).join('\n');
    };
    expect(await plan({ type: 'drop_collection', collection: 'keyed', data: {} })).toContain('copy keyed aside');
    expect(stage.session.operations.rename_collection).toBeDefined();
    expect(await plan({ type: 'add_field', collection: 'keyed', data: { field_name: 'x', default_value: 1 } })).toMatch(
      /^UpdateItem .*SET x = \?/,
    );
    expect(await plan({ type: 'create_collection', collection: 'fresh', data: { key: ['id'] } })).toMatch(
      /^CreateTable .*PAY_PER_REQUEST/,
    );
  });

  it('refuse options that this server does not have', async () => {
    const alter = (options: Record<string, unknown>): AnyOperationInput =>
      ({ type: 'alter_options', collection: 'keyed', data: { options } }) as AnyOperationInput;
    expect(stage.session.server).toMatchObject({ product: 'DynamoDB Local', stand_in: true });
    expect((await failures(alter({ table_class: 'standard_infrequent_access' })))[0]!.message).toContain('table_class');
    expect((await failures(alter({ point_in_time_recovery: true })))[0]!.message).toContain('point_in_time_recovery');
    expect((await failures(alter({ capacity: { read: 1, write: 1 } })))[0]!.action).toContain('update_capacity');
    expect((await failures(alter({ stream_view_type: 'everything' })))[0]!.message).toContain('keys_only');
  });
});

describe('a stored validation schema', () => {
  it('is held against existing items, and against every load and change by polyshift', async () => {
    await stage.table('valid');
    await stage.put('valid', itemOf(1, { name: { S: 'a' } }), itemOf(2));
    const validation = (schema: object): AnyOperationInput =>
      ({ type: 'schema_validation', collection: 'valid', data: { schema } }) as AnyOperationInput;
    expect((await failures(validation({ required: ['name'] })))[0]).toMatchObject({ check: 'rows_valid', data: { count: 1 } });
    const schema = validation({ properties: { name: { type: 'string', maxLength: 3 } } });
    const load: AnyOperationInput = { type: 'load', collection: 'valid', data: { rows: [{ id: 3, name: 'long' }] } };
    await expect(stage.up(schema, load)).rejects.toMatchObject({ code: 'CONSTRAINT_VIOLATED' });
    expect(await stage.items('valid')).toHaveLength(2);
    expect((await stage.session.introspect(['valid'])).collections['valid']!.validation).toBeUndefined();
    await stage.up(schema);
    const target = {
      collection: 'valid',
      columns: [],
      dynamic: true,
      key: ['id'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'valid',
    };
    const { undo } = await stage.session.sink!.plan(target);
    await using writer = await stage.session.sink!.open(target, undo);
    const documents = [{ id: { N: '4' }, name: { S: 'long' } }, itemOf(5)];
    const { rejected } = writer.encode({
      kind: 'documents',
      form: 'dynamodb',
      documents,
      decode: () => new Map(),
      get: () => undefined,
      decodeValue: () => null,
    });
    expect(rejected).toMatchObject([{ index: 0, code: 'CONSTRAINT_VIOLATED' }]);
    await stage.down(schema);
    expect((await stage.session.introspect(['valid'])).collections['valid']!.validation).toBeUndefined();
  });
});
