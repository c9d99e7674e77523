import { type AnyOperationInput, checkOperation, planUp } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../src/values/attribute.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.table('keyed');
});
afterAll(() => stage[Symbol.asyncDispose]());

const itemOf = (id: number, more: Item = {}): Item => ({ id: { N: String(id) }, ...more });

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
    await stage.thereAndBack(['orders'], [create], async () => {
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
      stage.failures({ type: 'create_collection', collection: 'never', data: { key: ['id'], ...data } } as AnyOperationInput),
    ).rejects.toMatchObject({ code: 'INVALID_DOCUMENT', place: { path } });
  });

  it('have names that the service takes, and every other one is refused', async () => {
    const name = 'a"; drop table b; --';
    const [failed] = await stage.failures({ type: 'create_collection', collection: name, data: { key: ['id'] } });
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
    for (const input of inputs) expect((await stage.failures(input)).map(({ check }) => check)).toEqual(['deletion_protection']);
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
    expect((await stage.failures(alter({ table_class: 'standard_infrequent_access' })))[0]!.message).toContain('table_class');
    expect((await stage.failures(alter({ point_in_time_recovery: true })))[0]!.message).toContain('point_in_time_recovery');
    expect((await stage.failures(alter({ capacity: { read: 1, write: 1 } })))[0]!.action).toContain('update_capacity');
    expect((await stage.failures(alter({ stream_view_type: 'everything' })))[0]!.message).toContain('keys_only');
  });
});

describe('a stored validation schema', () => {
  it('is held against existing items, and against every load and change by polyshift', async () => {
    await stage.table('valid');
    await stage.put('valid', itemOf(1, { name: { S: 'a' } }), itemOf(2));
    const validation = (schema: object): AnyOperationInput =>
      ({ type: 'schema_validation', collection: 'valid', data: { schema } }) as AnyOperationInput;
    expect((await stage.failures(validation({ required: ['name'] })))[0]).toMatchObject({
      check: 'rows_valid',
      data: { count: 1 },
    });
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
