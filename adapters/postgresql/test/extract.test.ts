import { checkOperation, type JsonObject, migrationChecksum, planUp } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failed, StepDriver, type TestDatabase, testDatabase } from './harness.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(`
    CREATE TABLE people (id integer PRIMARY KEY, first text, last varchar(8), age integer, score double precision, price numeric(8,2), at timestamptz, data jsonb);
    INSERT INTO people VALUES
      (1, 'Ann', 'Lee', 30, 1.5, 9.99, '2024-01-01T00:00:00Z', '{"a": 1}'),
      (2, 'Bob', NULL, 41, 2.25, 10.00, '2024-06-01T00:00:00Z', '{}'),
      (3, 'Cid', 'Day', NULL, NULL, NULL, NULL, NULL);`);
});

afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

/** Extracts, and gives the rows of the new table with its column types; takes it back afterwards. */
async function extracted(data: JsonObject, conditions?: JsonObject) {
  const step = await StepDriver.create(database.session, {
    type: 'extract',
    collection: 'people',
    data: { into: 'made', ...data } as never,
    ...(conditions ? { conditions } : {}),
  });
  const checks = failed(await step.check());
  if (checks.length > 0) return checks;
  const [planned] = await step.plan();
  expect(planned!.statement).toMatch(/^CREATE TABLE "made" AS SELECT /);
  await step.prepare();
  await step.execute();
  expect(failed(await step.verify())).toEqual([]);
  const rows = await database.sql('SELECT to_jsonb(made) AS row FROM made ORDER BY 1');
  const types = await database.sql(`SELECT json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) AS types
    FROM pg_attribute a WHERE a.attrelid = 'made'::regclass AND a.attnum > 0`);
  await step.rollback();
  expect(await database.sql(`SELECT to_regclass('made') AS made`)).toEqual([{ made: null }]);
  await step.discard();
  return { rows: rows.map(({ row }) => row), types: types[0]!['types'] };
}

describe('extract with a pipeline', () => {
  it('chooses rows before it, and fields after it', async () => {
    const data = {
      pipeline: [
        { $set: { age: { $add: ['$age', 1] } } },
        { $set: { label: { $concat: ['$first', ':', { $toString: '$age' }] } } },
      ],
      fields: { key: 'id', label: 'label', years: 'age' },
      key: ['key'],
    };
    expect(await extracted(data, { age: { lt: 41 } })).toEqual({
      rows: [{ key: 1, label: 'Ann:31', years: 31 }],
      types: { key: 'integer', label: 'text', years: 'integer' },
    });
  });

  it('gives new fields the type of their expression, and leaves removed ones out', async () => {
    const set = {
      whole: 7,
      ratio: { $divide: ['$age', 4] },
      literal: { $divide: [7, 2] },
      half: { $multiply: ['$score', 0.5] },
      cost: { $multiply: ['$price', 2] },
      older: { $gt: ['$age', 35] },
      when: '$at',
      either: { $ifNull: ['$age', 0.5] },
      text: { $literal: '$x' },
      nothing: null,
      object: { x: [1] },
      copy: '$data',
    };
    const made = await extracted({
      pipeline: [{ $set: set }, { $unset: ['first', 'last', 'age', 'score', 'price', 'at', 'data'] }],
    });
    expect(made).toEqual({
      rows: [
        {
          id: 1,
          whole: 7,
          ratio: 7.5,
          literal: 3.5,
          half: 0.75,
          cost: 19.98,
          older: false,
          when: '2024-01-01T00:00:00+00:00',
          either: 30,
          text: '$x',
          nothing: null,
          object: { x: [1] },
          copy: { a: 1 },
        },
        {
          id: 2,
          whole: 7,
          ratio: 10.25,
          literal: 3.5,
          half: 1.125,
          cost: 20,
          older: true,
          when: '2024-06-01T00:00:00+00:00',
          either: 41,
          text: '$x',
          nothing: null,
          object: { x: [1] },
          copy: {},
        },
        {
          id: 3,
          whole: 7,
          ratio: null,
          literal: 3.5,
          half: null,
          cost: null,
          older: false,
          when: null,
          either: 0.5,
          text: '$x',
          nothing: null,
          object: { x: [1] },
          copy: null,
        },
      ],
      types: {
        id: 'integer',
        whole: 'bigint',
        ratio: 'numeric',
        literal: 'numeric',
        half: 'double precision',
        cost: 'numeric',
        older: 'boolean',
        when: 'timestamp with time zone',
        either: 'numeric',
        text: 'text',
        nothing: 'text',
        object: 'jsonb',
        copy: 'jsonb',
      },
    });
  });

  it('leaves one row of those that are the same once they are stored', async () => {
    const data = { pipeline: [{ $set: { age: { $divide: ['$id', 10] } } }], fields: ['age'], distinct: true };
    expect(await extracted(data)).toEqual({ rows: [{ age: 0 }], types: { age: 'integer' } });
  });

  it('lets the operations behind it be planned with the fields that it makes', async () => {
    const operations = [
      {
        type: 'extract',
        collection: 'people',
        data: { into: 'made', pipeline: [{ $set: { label: '$first' } }, { $unset: 'raw' }] },
      },
      { type: 'create_index', collection: 'made', data: { name: 'made_label', keys: { label: 1 } } },
    ] as const;
    const raw = { type: 'add_field', collection: 'people', data: { field_name: 'raw', type: 'text' } } as const;
    const checked = [raw, ...operations].map((operation) => checkOperation(operation));
    const migration = {
      version: '1',
      name: 'made',
      operations: checked,
      checksum: migrationChecksum({ operations: checked }),
      file: '1_made.json',
    };
    const plan = await planUp({ session: database.session, migrations: [migration] });
    expect(plan.migrations[0]!.operations.map(({ statements }) => statements.length > 0)).toEqual([true, true, true]);
  });

  it('asks for a removed field and gets null', async () => {
    const made = await extracted({ pipeline: [{ $unset: 'first' }], fields: ['id', 'first'] }, { id: 1 });
    expect(made).toMatchObject({ rows: [{ id: 1, first: null }] });
  });

  it('finds what the server refuses before anything is made', async () => {
    expect(await extracted({ pipeline: [{ $set: { at: { $add: ['$at', '$age'] } } }] })).toMatchObject([{ status: 'FAILED' }]);
    expect(
      await extracted({ pipeline: [{ $set: { last: { $concat: ['$first', ' is too long'] } } }], key: ['id'] }),
    ).toMatchObject([{ status: 'FAILED' }]);
  });

  it.each<[JsonObject, string]>([
    [{ pipeline: [{ $group: { _id: '$age' } }] }, 'UNSUPPORTED_OPERATION'],
    [{ pipeline: [{ $set: { a: '$nothing' } }] }, 'UNKNOWN_FIELD'],
    [{ pipeline: [{ $set: { a: 1 } }], fields: ['id', 'b'] }, 'UNKNOWN_FIELD'],
  ])('%j is refused with %s', async (data, code) => {
    const step = await StepDriver.create(database.session, {
      type: 'extract',
      collection: 'people',
      data: { into: 'made', ...data } as never,
    });
    await expect(step.plan()).rejects.toMatchObject({ code });
  });

  it('keeps names and texts that look like SQL what they are', async () => {
    const evil = `x"; drop table people; --`;
    const made = await extracted(
      { pipeline: [{ $set: { [evil]: `'); drop table people; --` } }], fields: ['id', evil] },
      { id: 1 },
    );
    expect(made).toMatchObject({ rows: [{ id: 1, [evil]: `'); drop table people; --` }] });
  });
});
