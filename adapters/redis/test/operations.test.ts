import { type AnyOperationInput, isPolyshiftError, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { applied, type Connected, connected, migrationsOf } from './connected.ts';

const json = (fields: object): string => JSON.stringify(fields);

/** What an application may have left: hashes and JSON, with and without an expiry, and keys that are no rows. */
async function application(): Promise<Connected> {
  const it = await connected();
  await it.app('hset', 'users:1', 'name', 'Ada', 'age', 36, 'active', 'true');
  await it.app('hset', 'users:2', 'name', 'Grace', 'age', '85');
  await it.app('pexpireat', 'users:2', Date.now() + 7_200_321);
  await it.app(
    'set',
    'docs:1',
    '{ "name": "Ada", "big": 12345678901234567890, "price": 2.50, "tags": ["x"] }',
    'PXAT',
    Date.now() + 3_600_007,
  );
  await it.app('set', 'docs:2', json({ name: 'Grace', id: 2 }));
  await it.app('set', 'docs:counter', '17');
  await it.app('sadd', 'users:1:friends', '2');
  return it;
}

const operations: readonly (readonly [string, AnyOperationInput])[] = [
  ['add_field', { type: 'add_field', collection: 'users', data: { field_name: 'verified', default_value: false } }],
  ['rename_field', { type: 'rename_field', collection: 'users', data: { old_name: 'name', new_name: 'full_name' } }],
  ['remove_field', { type: 'remove_field', collection: 'docs', data: { field_name: 'price' } }],
  ['change_type', { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int32' } }],
  ['migrate_data', { type: 'migrate_data', collection: 'docs', data: { pipeline: [{ $set: { seen: true } }] } }],
  ['change_encoding to hash', { type: 'change_encoding', collection: 'docs', data: { to: 'hash' } }],
  ['change_encoding to json', { type: 'change_encoding', collection: 'users', data: { to: 'json' } }],
  ['rename_collection', { type: 'rename_collection', collection: 'users', data: { new_name: 'people' } }],
  ['drop_collection', { type: 'drop_collection', collection: 'docs', data: {} }],
  ['create_index', { type: 'create_index', collection: 'users', data: { name: 'by_name', keys: { name: 1 }, unique: true } }],
  ['alter_options', { type: 'alter_options', collection: 'users', data: { options: { ttl_seconds: 600, encoding: 'json' } } }],
  ['extract', { type: 'extract', collection: 'docs', data: { into: 'names', fields: { id: 'id', title: 'name' } } }],
  [
    'load',
    {
      type: 'load',
      collection: 'users',
      data: {
        rows: [
          { id: '1', name: 'Ada L.' },
          { id: 'new', age: 7 },
        ],
        mode: 'upsert',
      },
    },
  ],
];

describe('operations on what an application has written', () => {
  it.each(operations)('%s keeps every expiry to the millisecond, and goes back to every byte', async (_name, operation) => {
    await using it = await application();
    const before = [await it.session.fingerprint('users'), await it.session.fingerprint('docs')];
    const run = await applied(it.session, operation);
    await run.back();
    expect([await it.session.fingerprint('users'), await it.session.fingerprint('docs')]).toEqual(before);
    expect((await it.session.introspect()).collections['users']).toMatchObject({ fields: [], indexes: [] });
  });

  it('change_type gives a type to the fields of hashes, and writes nothing where the text is the same', async () => {
    await using it = await application();
    expect(await it.session.count('users', { age: { gt: 40 } })).toBe(0);
    const run = await applied(it.session, { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int32' } });
    expect(await it.session.count('users', { age: { gt: 40 } })).toBe(1);
    expect(String(await it.app('hget', 'users:1', 'age'))).toBe('36');
    await run.back();
  });

  it('change_encoding keeps numbers, order and expiry, and the fields that hashes had', async () => {
    await using it = await application();
    const expires = await it.app('pexpiretime', 'docs:1');
    const run = await applied(it.session, { type: 'change_encoding', collection: 'docs', data: { to: 'hash' } });
    expect(String(await it.app('hget', 'docs:1', 'big'))).toBe('12345678901234567890');
    expect(String(await it.app('hget', 'docs:1', 'tags'))).toBe('["x"]');
    expect(await it.app('pexpiretime', 'docs:1')).toBe(expires);
    expect(String(await it.app('get', 'docs:counter'))).toBe('17');
    await it.app('hset', 'docs:2', 'name', 'written since');
    await run.back();
    expect(String(await it.app('get', 'docs:1'))).toBe(
      '{ "name": "Ada", "big": 12345678901234567890, "price": 2.50, "tags": ["x"] }',
    );
    expect(String(await it.app('hget', 'docs:2', 'name'))).toBe('written since');
  });

  it('alter_options gives a time to live to the rows that have none, and takes back only what it gave', async () => {
    await using it = await application();
    const expires = await it.app('pexpiretime', 'users:2');
    const run = await applied(it.session, {
      type: 'alter_options',
      collection: 'users',
      data: { options: { ttl_seconds: 600 } },
    });
    expect(Number(await it.app('pttl', 'users:1'))).toBeGreaterThan(590_000);
    expect(await it.app('pexpiretime', 'users:2')).toBe(expires);
    const more = await applied(
      it.session,
      { type: 'alter_options', collection: 'users', data: { options: { ttl_seconds: 600 } } },
      { type: 'load', collection: 'users', data: { rows: [{ id: 'short', name: 'x' }] } },
    );
    expect(Number(await it.app('pttl', 'users:short'))).toBeGreaterThan(590_000);
    await more.back('1');
    await run.back();
    expect([await it.app('pttl', 'users:1'), await it.app('pexpiretime', 'users:2')]).toEqual([-1, expires]);
  });

  it('a row that loses its last field stays a row, and gets it back', async () => {
    await using it = await application();
    await it.app('hset', 'lone:1', 'a', 1);
    await it.app('expire', 'lone:1', 1000);
    const before = await it.session.fingerprint('lone');
    const run = await applied(it.session, { type: 'remove_field', collection: 'lone', data: { field_name: 'a' } });
    expect([await it.app('exists', 'lone:1'), await it.session.count('lone')]).toEqual([1, 1]);
    await run.back();
    expect(await it.session.fingerprint('lone')).toEqual(before);
  });

  it('a string that begins like a row and is not JSON stops an operation before it changes anything', async () => {
    await using it = await application();
    await it.app('set', 'docs:3', '{broken');
    const error = await applied(it.session, { type: 'change_encoding', collection: 'docs', data: { to: 'hash' } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(isPolyshiftError(error, 'CONVERSION_FAILED'), String(error)).toBe(true);
    expect(String(error)).toContain('the row 3');
  });

  it('load keeps to the encoding that the rows of an application have', async () => {
    await using it = await application();
    await applied(it.session, { type: 'load', collection: 'docs', data: { rows: [{ id: 'new', n: 5, s: 'x' }] } });
    expect(String(await it.app('get', 'docs:new'))).toBe('{"n":5,"s":"x"}');
  });

  it('rename_collection names the key that the application has written under the new name meanwhile', async () => {
    await using it = await application();
    const migrations = migrationsOf({ type: 'rename_collection', collection: 'users', data: { new_name: 'people' } });
    const [
      {
        operations: [operation],
      },
    ] = migrations as [(typeof migrations)[0]];
    const handler = it.session.operations.rename_collection!;
    await it.app('hset', 'people:2', 'name', 'somebody else');
    expect((await handler.check(operation as never)).find(({ check }) => check === 'name_free')?.status).toBe('FAILED');
  });
});

describe('indexes', () => {
  const byName = {
    type: 'create_index',
    collection: 'users',
    data: { name: 'by_name', keys: { name: 1 }, unique: true },
  } as const;

  it('are kept by polyshift, and verify says what an application has not kept', async () => {
    await using it = await application();
    const age = [
      { type: 'change_type', collection: 'users', data: { field_name: 'age', to: 'int32' } },
      { type: 'create_index', collection: 'users', data: { name: 'by_age', keys: { age: 1 } } },
    ] as const;
    await applied(it.session, ...age);
    expect(String(await it.app('zrangebyscore', 'polyshift:index:users:by_age', 40, '+inf'))).toBe('2');
    await it.app('hset', 'users:3', 'name', 'Edsger', 'age', '72');
    await it.app('hset', 'users:1', 'age', '37');
    const { checks } = await verify({ session: it.session, migrations: migrationsOf(...age) });
    expect(checks.find(({ check }) => check === 'index_complete')).toMatchObject({
      status: 'FAILED',
      data: { wanted: 3, lacking: 2 },
    });
    expect(checks.find(({ check }) => check === 'index_stale')).toMatchObject({ status: 'WARNING', data: { stale: 1 } });
  });

  it('that are unique refuse equal values, before and afterwards, and name both rows', async () => {
    await using it = await application();
    await applied(it.session, byName);
    expect(String(await it.app('hget', 'polyshift:index:users:by_name', 'Grace'))).toBe('2');
    const load: AnyOperationInput = { type: 'load', collection: 'users', data: { rows: [{ id: '9', name: 'Ada' }] } };
    await expect(applied(it.session, byName, load)).rejects.toMatchObject({
      code: 'DUPLICATE_KEY',
      message: expect.stringContaining('"Ada" already, of the row 1'),
    });
    expect(await it.app('exists', 'users:9')).toBe(0);
    const change: AnyOperationInput = {
      type: 'migrate_data',
      collection: 'users',
      data: { pipeline: [{ $set: { name: 'same' } }] },
    };
    await expect(applied(it.session, byName, change)).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
    expect(String(await it.app('hget', 'users:1', 'name'))).toBe('Ada');
    await expect(
      applied(it.session, byName, { ...byName, data: { ...byName.data, name: 'by_active', keys: { tag: 'text' } } }),
    ).rejects.toMatchObject({ code: 'CHECK_FAILED' });
  });

  it('refuse to change under a field that is renamed or retyped', async () => {
    await using it = await application();
    const rename = { type: 'rename_field', collection: 'users', data: { old_name: 'name', new_name: 'title' } } as const;
    await expect(applied(it.session, byName, rename)).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringContaining('by_name'),
    });
  });
});

describe('validation', () => {
  it('is stored, held against rows, and kept by what polyshift writes', async () => {
    await using it = await application();
    const validation: AnyOperationInput = {
      type: 'schema_validation',
      collection: 'users',
      data: { schema: { bsonType: 'object', required: ['name'] } },
    };
    await applied(it.session, validation);
    const load = (rows: { [field: string]: string }[]): AnyOperationInput => ({
      type: 'load',
      collection: 'users',
      data: { rows },
    });
    await expect(applied(it.session, validation, load([{ id: '5', age: '1' }]))).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
    });
    await it.app('hdel', 'users:1', 'name');
    const { checks } = await verify({ session: it.session, migrations: migrationsOf(validation) });
    expect(checks.find(({ check }) => check === 'rows_valid')).toMatchObject({ status: 'FAILED', data: { count: 1 } });
  });
});
