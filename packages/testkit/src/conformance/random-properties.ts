import {
  type Adapter,
  type AnyOperationInput,
  type Column,
  type JsonValue,
  type PortableValue,
  portableColumn,
  type StoreSession,
} from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { Stage } from './stage.ts';
import { thereAndBack } from './there-and-back.ts';

/** What the random schemas know of a type. */
interface RandomType {
  /** Values that every store holds exactly. */
  readonly values: fc.Arbitrary<PortableValue>;
  /** A value that a migration can write. */
  readonly constant: JsonValue;
}

/** The types of the random schemas. */
const types = {
  text: { values: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }), constant: "it's" },
  int32: { values: fc.integer(), constant: 7 },
  int64: { values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), constant: 7 },
  boolean: { values: fc.boolean(), constant: true },
  float64: { values: fc.integer({ min: -1000, max: 1000 }).map((quarters) => quarters / 4), constant: 0.25 },
} as const satisfies Readonly<Record<string, RandomType>>;

type RandomKind = keyof typeof types;
const kinds = Object.keys(types) as RandomKind[];

/** Random columns with random rows, and operations over them. */
interface RandomCase {
  readonly fields: readonly { readonly name: string; readonly kind: RandomKind }[];
  readonly rows: readonly (readonly PortableValue[])[];
  readonly migrations: readonly (readonly AnyOperationInput[])[];
}

/** Names that begin with a letter: reserved words of some language among them; no two that differ by case alone. */
const fieldName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,7}$/),
  fc.constantFrom('select', 'order', 'Group', 'user', 'type', 'value', 'count'),
);

function randomCase(adapter: Adapter, key: string): fc.Arbitrary<RandomCase> {
  const taken = [key, 'added', 'renamed'].map((name) => name.toLowerCase());
  return fc
    .uniqueArray(fc.record({ name: fieldName, kind: fc.constantFrom(...kinds) }), {
      minLength: 1,
      maxLength: 4,
      selector: ({ name }) => name.toLowerCase(),
    })
    .map((fields) => fields.filter(({ name }) => !taken.includes(name.toLowerCase())))
    .filter((fields) => fields.length > 0)
    .chain((fields) =>
      fc.record({
        fields: fc.constant(fields),
        rows: fc.array(
          fc.tuple(...fields.map(({ kind }) => fc.option(types[kind].values as fc.Arbitrary<PortableValue>, { freq: 4 }))),
          {
            minLength: 1,
            maxLength: 25,
          },
        ),
        migrations: fc.array(fc.array(operation(adapter, key, fields), { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
    );
}

/** One operation over the fields of a schema. */
function operation(adapter: Adapter, key: string, fields: RandomCase['fields']): fc.Arbitrary<AnyOperationInput> {
  const collection = 'things';
  const batch_size = 7;
  const all: fc.Arbitrary<AnyOperationInput>[] = [
    fc.constantFrom(...kinds).map((kind) => ({
      type: 'add_field',
      collection,
      batch_size,
      data: { field_name: 'added', type: kind, default_value: types[kind].constant },
    })),
    fc
      .constantFrom(...fields)
      .map(({ name }) => ({ type: 'rename_field', collection, batch_size, data: { old_name: name, new_name: 'renamed' } })),
    fc.constantFrom(...fields).map(({ name }) => ({ type: 'remove_field', collection, batch_size, data: { field_name: name } })),
    fc
      .constantFrom(...fields)
      .map(({ name }) => ({ type: 'change_type', collection, batch_size, data: { field_name: name, to: 'text' } })),
    fc.tuple(fc.constantFrom(...fields), fc.nat(25)).map(([{ name, kind }, from]) => ({
      type: 'migrate_data',
      collection,
      batch_size,
      conditions: { [key]: { gte: from } },
      data: { pipeline: [{ $set: { [name]: types[kind].constant } }] },
    })),
  ];
  const order = ['add_field', 'rename_field', 'remove_field', 'change_type', 'migrate_data'] as const;
  return fc.oneof(...all.filter((_each, index) => adapter.capabilities.operations[order[index]!].supported));
}

/** Random columns, rows and operations go back to equal fingerprints, whole or failed. */
export function randomProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const key = options.key ?? 'id';
  describe('random schemas', () => {
    it('with random rows and operations go back to equal fingerprints, and what fails leaves no trace', async () => {
      await fc.assert(
        fc.asyncProperty(randomCase(adapter, key), async (random) => {
          await using stage = await Stage.empty(adapter, server);
          await load(stage.session, key, random);
          await thereAndBack(stage.session, random.migrations);
        }),
        { numRuns: options.sequences ?? 10, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
      );
    }, 180_000);
  });
}

/** Loads the rows of a random case through the adapter's own sink. */
async function load(session: StoreSession, key: string, { fields, rows }: RandomCase): Promise<void> {
  const columns: Column[] = [
    portableColumn(key, { kind: 'int64' }, false),
    ...fields.map(({ name, kind }) => portableColumn(name, { kind })),
  ];
  const target = {
    collection: 'things',
    columns,
    dynamic: false,
    key: [key],
    mode: 'insert',
    on_loss: 'error',
    aside: 'random',
  } as const;
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const encoded = writer.encode({ kind: 'rows', columns, rows: rows.map((row, index) => [BigInt(index), ...row]) });
  const { inserted, rejected } = await writer.write(encoded.batch, { replay: false });
  expect({ inserted, rejected: [...encoded.rejected, ...rejected] }).toEqual({ inserted: rows.length, rejected: [] });
  await writer.finish();
}
