import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyOperationInput, down, type OperationType, planUp, type StoreSession, up, verify } from '@polyshift/core';
import { parseSpec, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '@polyshift/etl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependencies, openDatabase, storeOf } from '../matrix/shape-stage.ts';
import { keyOf, type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { migration } from '../runner/stores.ts';
import { stateOf } from './bystander.ts';
import { tripwire, withTripwire } from './tripwire.ts';

let folder = '';
let source: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-inherited-'));
  source = await openDatabase(postgresql);
  await up({
    session: source.session,
    migrations: [
      migration(
        '1',
        ['constructor', tripwire].flatMap((table) => operations(postgresql, table, names)),
      ),
    ],
  });
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Names that every object of JavaScript inherits: a lookup that does not ask whose they are finds a function. */
const names = [tripwire, 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const postgresql = storeOf('postgresql');
const supports = ({ adapter }: MatrixStore, type: OperationType) => adapter.capabilities.operations[type].supported;
const where = (applies: boolean, ...operations: AnyOperationInput[]) => (applies ? operations : []);

/** A collection of such a name with fields of such names, through all that is done with collections and fields. */
function operations(store: MatrixStore, collection: string, names: readonly string[]): AnyOperationInput[] {
  const key = keyOf(store.adapter);
  const fields = [{ name: key, type: 'int32', nullable: false }, ...names.map((name) => ({ name, type: 'text' }))];
  const [first = '', second = '', third = '', last = ''] = names;
  const values = Object.fromEntries(names.map((name) => [name, name]));
  const made = supports(store, 'rename_collection') ? `${collection}2` : collection;
  return [
    { type: 'create_collection', collection: made, data: { fields, key: [key] } },
    ...where(made !== collection, { type: 'rename_collection', collection: made, data: { new_name: collection } }),
    { type: 'load', collection, data: { rows: [{ [key]: 1, ...values }, { [key]: 2 }], key: [key] } },
    { type: 'load', collection, data: { rows: [{ [key]: 2, [first]: 'b' }, { [key]: 3 }], key: [key], mode: 'upsert' } },
    ...where(supports(store, 'create_index'), {
      type: 'create_index',
      collection,
      data: { name: `by_${collection}`, keys: { [first]: 1 } },
    }),
    ...where(supports(store, 'schema_validation'), {
      type: 'schema_validation',
      collection,
      data: { schema: { bsonType: 'object', properties: { [second]: { maxLength: 1000 } } } },
    }),
    { type: 'migrate_data', collection, conditions: { [second]: second }, data: { pipeline: [{ $set: { [first]: 'x' } }] } },
    { type: 'rename_field', collection, data: { old_name: third, new_name: `${third}2` } },
    { type: 'rename_field', collection, data: { old_name: `${third}2`, new_name: third } },
    { type: 'remove_field', collection, data: { field_name: last } },
    { type: 'add_field', collection, data: { field_name: last, type: 'text', default_value: 'y' } },
  ];
}

/** Loads a table of PostgreSQL with such names into a store, proves it, and takes it back. */
async function loadAndBack(store: MatrixStore, targetUrl: string, session: StoreSession, table: string) {
  const key = keyOf(store.adapter);
  const spec = parseSpec(
    {
      name: `load_${table}`,
      source: { type: 'postgresql', url: source.endpoint.url },
      target: { type: store.adapter.store, url: targetUrl },
      steps: [
        { type: 'extract', source_table: table, conditions: { hasOwnProperty: { in: ['hasOwnProperty', 'y'] } }, key: ['id'] },
        { type: 'transform', transformation_rules: { [key]: 'id', ...Object.fromEntries(names.map((name) => [name, name])) } },
        { type: 'load', target_table: table, key: [key] },
      ],
    } as SpecInput,
    { cwd: folder },
  );
  expect(await runEtl(spec, dependencies)).toMatchObject({ rows_rejected: 0 });
  expect(await session.count(table)).toBe(3);
  expect(await session.count(table, { toString: 'toString' })).toBe(1);
  expect((await verifyEtl(spec, dependencies)).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  await rollbackEtl(spec, dependencies);
}

describe.each(matrixStores)('names that every object inherits, on $server', (store) => {
  it('are names of collections and fields like others in migrations', async () => {
    await using stage = await openDatabase(store);
    const { session } = stage;
    const before = await stateOf(session);
    // A change of a table takes long on some stores; the names of tables have the same way as those of columns there.
    const collections = ['cassandra', 'dynamodb', 'elasticsearch'].includes(store.server)
      ? [tripwire]
      : ['constructor', tripwire];
    const migrations = collections.map((name, index) => migration(`${index + 1}`, operations(store, name, names)));
    const places = await withTripwire(async () => {
      await planUp({ session, migrations });
      await up({ session, migrations });
      expect(Object.keys((await session.introspect()).collections).sort()).toEqual(collections);
      expect((await verify({ session, migrations })).checks.filter(({ status }) => status !== 'PASS')).toEqual([]);
      for (const collection of collections) {
        expect(await session.count(collection, { toString: 'toString' }), collection).toBe(1);
        expect(await session.count(collection, { hasOwnProperty: 'z' }), collection).toBe(0);
      }
      await down({ session, migrations }, { to: '0' });
    });
    expect(await stateOf(session)).toEqual(before);
    expect(places).toEqual([]);
  }, 600_000);

  it('are names of tables and columns like others in loads', async () => {
    await using stage = await openDatabase(store);
    const { session } = stage;
    const before = await stateOf(session);
    const places = await withTripwire(async () => {
      for (const table of store === postgresql ? ['constructor', tripwire] : ['constructor'])
        await loadAndBack(store, stage.endpoint.url, session, table);
    });
    expect(await stateOf(session)).toEqual(before);
    expect(places).toEqual([]);
  }, 600_000);
});
