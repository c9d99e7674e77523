import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Adapter, type AnyOperationInput, type PortableValue, portableColumn, type StoreSession } from '@polyshift/core';
import { Client } from 'pg';

/** Rows of the table that migrations change. */
export const seededRows = 40;

/** Rows that the spec loads. */
export const loadedRows = 100;

/** A migration under test: the operations of one version. */
export interface CrashMigration {
  /** Names its folder. */
  readonly name: 'all_operations' | 'online_operations' | 'two_versions';
  readonly operations: readonly AnyOperationInput[];
  /** Whether it leaves two versions of the collection in use. */
  readonly online?: boolean;
}

/** Every kind of change that moves data or structure, in one version, as far as the store carries it. */
export function allOperations(adapter: Adapter, key: string): CrashMigration {
  return {
    name: 'all_operations',
    operations: candidates(key).filter(({ type }) => adapter.capabilities.operations[type].supported),
  };
}

/** The changes under which the application may go on writing, by what the adapter declares. */
export function onlineOperations(adapter: Adapter, key: string): CrashMigration {
  const operations = candidates(key).filter((operation) => {
    const carried = adapter.capabilities.operations[operation.type];
    return carried.supported && carried.online && operation.collection === 'items' && !breaksWrites(adapter, operation.type);
  });
  return { name: 'online_operations', operations };
}

/** Changes that an application of the old version would notice, made to a new version beside the old one. */
export function twoVersions({ store, capabilities }: Adapter): CrashMigration {
  // An index of DynamoDB takes no null, and rows of the application have no mail to put a sign behind.
  const indexed = store === 'dynamodb' ? 'note' : 'mail';
  const operations: AnyOperationInput[] = [
    { type: 'rename_field', collection: 'items', data: { old_name: 'legacy', new_name: 'old' }, batch_size: 15 },
    { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'text' } },
    { type: 'migrate_data', collection: 'items', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
    { type: 'create_index', collection: 'items', data: { name: `items_${indexed}`, keys: { [indexed]: 1 } } },
  ];
  return {
    name: 'two_versions',
    online: true,
    operations: operations.filter(({ type }) => capabilities.operations[type].supported),
  };
}

/** Whether an operation says something of all rows that rows of an application which knows nothing of it would break. */
function breaksWrites({ store }: Adapter, type: string): boolean {
  // The indexes of Redis are kept by the application with each of its writes; this one knows of none.
  if (store === 'redis' && type === 'create_index') return true;
  return ['schema_validation', 'add_constraint', 'extract', 'load', 'change_type'].includes(type);
}

function candidates(key: string): AnyOperationInput[] {
  return [
    {
      type: 'add_field',
      collection: 'items',
      data: { field_name: 'tier', type: 'text', default_value: 'gold' },
      conditions: { age: { gte: 30 } },
    },
    {
      type: 'migrate_data',
      collection: 'items',
      // Twice for one row would show.
      data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] },
      // The one with several batches: what is between two of them is the same for all operations.
      batch_size: 15,
    },
    { type: 'rename_field', collection: 'items', data: { old_name: 'legacy', new_name: 'old' } },
    { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } },
    { type: 'remove_field', collection: 'items', data: { field_name: 'score' } },
    { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'text' } },
    { type: 'extract', collection: 'items', data: { into: 'copies', key: [key] } },
    { type: 'rename_collection', collection: 'copies', data: { new_name: 'kept' } },
    { type: 'schema_validation', collection: 'items', data: { schema: { bsonType: 'object', required: ['mail'] } } },
    {
      type: 'load',
      collection: 'items',
      data: {
        rows: [
          { [key]: 1, mail: 'changed' },
          { [key]: 500_001, mail: 'new' },
        ],
        key: [key],
        mode: 'upsert',
      },
    },
    {
      type: 'create_collection',
      collection: 'orders',
      data: {
        fields: [
          { name: key, type: 'int64', nullable: false },
          { name: 'total', type: 'decimal' },
        ],
        key: [key],
      },
    },
    { type: 'drop_collection', collection: 'doomed', data: {} },
  ];
}

/** How long a lock of a killed command stands: the shorter, the more kills an hour; the longer, the busier the machine may be. */
const leaseSeconds = Number(process.env['CRASH_LEASE_SECONDS'] ?? 1);

/** Writes the project that the command works in: configuration, one migration, and the spec of the load. */
export async function writeProject(
  folder: string,
  parts: {
    readonly type: string;
    readonly url: string;
    readonly sourceUrl: string;
    readonly migration: CrashMigration;
    readonly key: string;
  },
): Promise<void> {
  const { type, url, sourceUrl, migration, key } = parts;
  await mkdir(join(folder, 'migrations'), { recursive: true });
  const config = { stores: { main: { type, url } }, migrations: 'migrations', lease_seconds: leaseSeconds };
  await writeFile(join(folder, 'polyshift.config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'migrations', `0001_${migration.name}.yaml`),
    JSON.stringify({ online: migration.online ?? false, operations: migration.operations }),
  );
  const spec = {
    name: 'people',
    source: { type: 'postgresql', url: sourceUrl },
    target: { type, url },
    partitions: 2,
    steps: [
      { type: 'extract', source_table: 'people', batch_size: 50 },
      {
        type: 'transform',
        transformation_rules: {
          [key]: 'id',
          full_name: { type: 'concatenate', fields: ['first_name', 'last_name'], separator: ' ' },
          age: 'age',
          rate: 'rate',
          active: 'active',
        },
      },
      { type: 'load', target_table: 'people', batch_size: 40 },
    ],
  };
  await writeFile(join(folder, 'people.json'), JSON.stringify(spec));
}

/** The table that the spec reads. */
export async function seedSource(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE TABLE people (id bigint PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, age int, rate float8, active boolean);
    INSERT INTO people SELECT i * 3, 'First ' || i, 'Läst ''' || i, nullif(i % 90, 7), i / 7.0, i % 2 = 0 FROM generate_series(1, ${loadedRows}) i;
    ANALYZE people;
  `);
  await client.end();
}

/** Fills `items` and `doomed` through the adapter's own sink. */
export async function seedItems(session: StoreSession, key: string): Promise<void> {
  for (const collection of ['items', 'doomed']) await seedCollection(session, collection, key);
}

async function seedCollection(session: StoreSession, collection: string, key: string): Promise<void> {
  const columns = [
    portableColumn(key, { kind: 'int64' }, false),
    portableColumn('name', { kind: 'text' }),
    portableColumn('note', { kind: 'text' }),
    portableColumn('mail', { kind: 'text' }),
    portableColumn('age', { kind: 'int32' }),
    portableColumn('score', { kind: 'float64' }),
    portableColumn('legacy', { kind: 'text' }),
  ];
  const target = {
    collection,
    columns,
    dynamic: false,
    key: [key],
    mode: 'insert' as const,
    on_loss: 'nearest' as const,
    aside: `seed_${collection}`,
  };
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const rows = Array.from({ length: seededRows }, (_, index) => seededRow(index + 1));
  const { inserted, rejected } = await writer.write(writer.encode({ kind: 'rows', columns, rows }).batch, { replay: false });
  if (inserted !== seededRows) throw new Error(`only ${inserted} rows were seeded: ${JSON.stringify(rejected[0])}`);
  await writer.finish();
}

function seededRow(id: number): PortableValue[] {
  return [
    BigInt(id),
    id % 11 === 0 ? null : `Nämé "${id}'`,
    seededNote(id),
    `user${id}@example.test`,
    id % 5 === 0 ? null : 10 + (id % 60),
    id % 7 === 0 ? null : id / 3,
    id % 3 === 0 ? null : `old ${id}`,
  ];
}

/** What `note` of a seeded row holds before writers change it. */
export function seededNote(id: number): string {
  return `note ${id}`;
}
