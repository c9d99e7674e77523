import {
  type Batch,
  type Column,
  type PortableType,
  type PortableValue,
  portableColumn,
  type RowBatch,
  type SinkTarget,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { asideObjects, type TestDatabase, testDatabase } from './harness.ts';

const columns = [
  portableColumn('id', { kind: 'int32' }, false),
  portableColumn('name', { kind: 'text' }),
  portableColumn('n', { kind: 'decimal' }),
];

function target(change: Partial<SinkTarget> = {}): SinkTarget {
  return {
    collection: 'people',
    columns,
    dynamic: false,
    key: ['id'],
    mode: 'insert',
    on_loss: 'nearest',
    aside: 'load_1',
    ...change,
  };
}

function batch(rows: readonly (readonly PortableValue[])[], of: readonly Column[] = columns): RowBatch {
  return { kind: 'rows', columns: of, rows };
}

const people = (from: number, to: number, name = 'p') =>
  batch(Array.from({ length: to - from + 1 }, (_, index) => [from + index, `${name}${from + index}`, `${from + index}.50`]));

const existing = `CREATE TABLE people (id integer PRIMARY KEY, name varchar(10), n numeric, extra text DEFAULT 'e', CHECK (n >= 0))`;

async function open(database: TestDatabase, change: Partial<SinkTarget> = {}) {
  const sink = database.session.sink!;
  const { undo, statements } = await sink.plan(target(change));
  expect(statements.length).toBeGreaterThan(0);
  const kept = JSON.parse(JSON.stringify(undo)) as typeof undo;
  return { sink, undo: kept, writer: await sink.open(target(change), kept) };
}

async function take(back: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of back) void _;
}

async function write(
  writer: { encode(batch: Batch): { batch: Batch }; write(batch: Batch, options: { replay: boolean }): Promise<unknown> },
  rows: Batch,
  replay = false,
) {
  return await writer.write(writer.encode(rows).batch, { replay });
}

describe('a load into a table that was absent', () => {
  it('creates it, counts each row once, and drops it on rollback', async () => {
    await using database = await testDatabase();
    const { sink, undo, writer } = await open(database);
    expect(undo.before).toBe('absent');
    expect(await write(writer, people(1, 100))).toEqual({ inserted: 100, replaced: 0, already_there: 0, rejected: [] });
    const again = (await write(writer, people(100, 102))) as { rejected: unknown[]; inserted: number };
    expect(again).toMatchObject({ inserted: 2, rejected: [{ index: 0, key: ['100'], code: 'DUPLICATE_KEY' }] });
    expect(await write(writer, people(95, 105), true)).toMatchObject({ inserted: 3, already_there: 8, rejected: [] });
    expect(await write(writer, people(1, 2, 'other'), true)).toMatchObject({
      inserted: 0,
      already_there: 0,
      rejected: [{ code: 'DUPLICATE_KEY' }, { code: 'DUPLICATE_KEY' }],
    });
    await writer.finish();
    await writer.finish();
    expect(await database.session.count('people')).toBe(105);
    // What the caller counted may lack a batch that was written just before a kill.
    await take(sink.rollback(undo, 90));
    expect(await database.session.fingerprint('people')).toMatchObject({ schema: 'absent' });
    await take(sink.rollback(undo, 90));
    await sink.discard(undo);
    expect(await asideObjects(database)).toEqual([]);
  });

  it('keeps the other rows of a batch when some are refused, and names these', async () => {
    await using database = await testDatabase();
    const { writer } = await open(database, { params: { columns: { name: 'varchar(5)', n: 'numeric(4,1)' } } });
    const rows = people(1, 300);
    const bad = new Map<number, readonly PortableValue[]>([
      [5, [6, 'much too long', '1']],
      [17, [18, 'ok', '99999']],
      [18, [null, 'ok', '1']],
      [19, [1, 'twin', '1']],
    ]);
    const mixed = batch(rows.rows.map((row, index) => bad.get(index) ?? (row as PortableValue[])));
    const encoded = writer.encode(mixed);
    expect(encoded.rejected.map((each) => [each.index, each.code, each.key])).toEqual([
      [5, 'CONVERSION_FAILED', ['6']],
      [17, 'CONVERSION_FAILED', ['18']],
    ]);
    const result = await writer.write(encoded.batch, { replay: false });
    expect(result.inserted).toBe(296);
    expect(result.rejected.map((each) => [each.index, each.code])).toEqual([
      [16, 'CONSTRAINT_VIOLATED'],
      [17, 'DUPLICATE_KEY'],
    ]);
  });

  it('refuses to take over a table that somebody else has created since', async () => {
    await using database = await testDatabase();
    const { undo } = await database.session.sink!.plan(target());
    await database.sql(existing);
    await expect(database.session.sink!.open(target(), undo)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await take(database.session.sink!.rollback(undo, 0));
    expect(await database.session.count('people')).toBe(0);
  });

  it('refuses the way back where others have written, and changes nothing', async () => {
    await using database = await testDatabase();
    const { sink, undo, writer } = await open(database);
    await write(writer, people(1, 10));
    await database.sql("INSERT INTO people VALUES (77, 'mine', 1)");
    await expect(take(sink.rollback(undo, 10))).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    expect(await database.session.count('people')).toBe(11);
  });

  it('writes several batches at once', async () => {
    await using database = await testDatabase();
    const { writer } = await open(database);
    await Promise.all(Array.from({ length: 8 }, (_, index) => write(writer, people(index * 50 + 1, index * 50 + 50))));
    expect(await database.session.count('people')).toBe(400);
  });
});

describe('a load into a table that was empty', () => {
  it('is taken back to empty, and checks each row against the rules of the table', async () => {
    await using database = await testDatabase(existing);
    const before = await database.session.fingerprint('people');
    const { sink, undo, writer } = await open(database);
    expect(undo.before).toBe('empty');
    const rows = people(1, 64);
    const result = await writer.write(writer.encode(batch([...rows.rows, [65, 'neg', '-1']] as PortableValue[][])).batch, {
      replay: false,
    });
    expect(result).toMatchObject({ inserted: 64, rejected: [{ index: 64, key: ['65'], code: 'CONSTRAINT_VIOLATED' }] });
    await take(sink.rollback(undo, 64));
    expect(await database.session.fingerprint('people')).toEqual(before);
  });
});

describe('a load into a table with rows', () => {
  const filled = `${existing}; INSERT INTO people SELECT g, 'old' || g, g, 'x' FROM generate_series(1, 20) AS g`;

  it.each([
    ['insert', { inserted: 10, replaced: 0, already_there: 0 }, 10],
    ['upsert', { inserted: 10, replaced: 10, already_there: 0 }, 0],
    ['ignore', { inserted: 10, replaced: 0, already_there: 10 }, 0],
  ] as const)('%s', async (mode, counts, rejected) => {
    await using database = await testDatabase(filled);
    const before = await database.session.fingerprint('people');
    const { sink, undo, writer } = await open(database, { mode });
    expect(undo.before).toBe('filled');
    const result = (await write(writer, people(11, 30))) as { rejected: { code: string }[] };
    expect(result).toMatchObject(counts);
    expect(result.rejected.length).toBe(rejected);
    expect(await database.sql('SELECT name, extra FROM people WHERE id = 15')).toEqual([
      { name: mode === 'upsert' ? 'p15' : 'old15', extra: 'x' },
    ]);
    // The same chunk again, as after a kill before its checkpoint.
    const replayed = (await write(writer, people(11, 30), true)) as { inserted: number; replaced: number };
    expect(replayed).toMatchObject({ inserted: 0, replaced: 0 });
    const own = (await write(writer, people(21, 30, 'q'))) as { rejected: { code: string }[] };
    expect(own.rejected.map((each) => each.code)).toEqual(Array(10).fill('DUPLICATE_KEY'));
    await using reopened = await sink.open(target({ mode }), undo);
    expect(await write(reopened, people(31, 31))).toMatchObject({ inserted: 1 });
    await take(sink.rollback(undo, 21));
    expect(await database.session.fingerprint('people')).toEqual(before);
    await sink.discard(undo);
    expect(await asideObjects(database)).toEqual([]);
  });

  it('refuses the way back of rows that were written since, and changes nothing', async () => {
    await using database = await testDatabase(filled);
    const { sink, undo, writer } = await open(database, { mode: 'upsert' });
    await write(writer, people(11, 30));
    await database.sql("UPDATE people SET name = 'mine' WHERE id = 25");
    const between = await database.session.fingerprint('people');
    await expect(take(sink.rollback(undo, 20))).rejects.toMatchObject({
      code: 'WRITTEN_SINCE',
      message: expect.stringContaining('id=25'),
    });
    expect(await database.session.fingerprint('people')).toEqual(between);
  });
});

describe('what is written', () => {
  it('is what lookup finds, and what the encoded batch said', async () => {
    await using database = await testDatabase();
    const wide: [string, PortableType, PortableValue[]][] = [
      ['id', { kind: 'text' }, ["a'\\\t", 'b\n']],
      ['f', { kind: 'float64' }, [0.1, Number.NaN]],
      ['g', { kind: 'float32' }, [Math.fround(0.1), 1e20]],
      ['d', { kind: 'timestamptz' }, ['2024-01-01T00:00:00.5Z', null]],
      ['j', { kind: 'json' }, ['{"a":  1}', 'null']],
      ['o', { kind: 'document' }, [new Map([['x', 1n]]), new Map()]],
      ['y', { kind: 'dynamic' }, ['s', 5]],
      ['b', { kind: 'bytes' }, [new Uint8Array([0, 255]), new Uint8Array()]],
      ['a', { kind: 'array', of: { kind: 'text' } }, [['x', null], []]],
    ];
    const of = wide.map(([name, type]) => portableColumn(name, type));
    const { writer } = await open(database, { columns: of });
    const encoded = writer.encode(
      batch(
        [0, 1].map((row) => wide.map(([, , values]) => values[row]!)),
        of,
      ),
    );
    expect(encoded.rejected).toEqual([]);
    expect(await writer.write(encoded.batch, { replay: false })).toMatchObject({ inserted: 2 });
    const found = (await writer.lookup(encoded.batch)) as RowBatch;
    const decoded = (from: RowBatch) =>
      from.rows
        .map((row) => row.map((raw, index) => (raw === null ? null : from.columns[index]!.decode(raw))))
        .sort((left, right) => String(left[0]).localeCompare(String(right[0])));
    expect(decoded(found)).toEqual(decoded(encoded.batch as RowBatch));
  });

  it('names what a column cannot hold exactly, or refuses it', async () => {
    await using database = await testDatabase('CREATE TABLE people (id integer PRIMARY KEY, name text, n numeric(5,1))');
    const { writer } = await open(database);
    expect(
      writer.encode(
        batch([
          [1, 'a', '1.25'],
          [2, undefined as never, '1.35'],
        ]),
      ).losses,
    ).toEqual([
      { field: 'n', loss: 'decimal_scale', count: 2, example: { from: '1.25', to: '1.3' } },
      { field: 'name', loss: 'missing_to_null', count: 1, example: { from: 'missing', to: 'null' } },
    ]);
    const strict = await open(database, { on_loss: 'error', aside: 'load_2' });
    expect(
      strict.writer.encode(
        batch([
          [1, 'a', '1.25'],
          [2, 'b', '1.5'],
        ]),
      ),
    ).toMatchObject({ rejected: [{ index: 0, key: ['1'], code: 'LOSS_REFUSED' }] });
  });

  it('keeps the types and the letters of a table of another database', async () => {
    const create = `CREATE TYPE mood AS ENUM ('sad', 'ok');`;
    await using from =
      await testDatabase(`${create} CREATE TABLE t (id uuid PRIMARY KEY, m mood, ms mood[], n numeric(9,3), j jsonb, r int4range, p point, i interval, c char(5));
      INSERT INTO t VALUES (gen_random_uuid(), 'ok', '{sad,NULL}', 1.5, '{"b":1}', '[1,5)', '(1,2)', '1 mon -3 days', 'x')`);
    await using to = await testDatabase(create);
    await using scan = await from.session.source!.scan({ collection: 't' });
    const given = target({ collection: 't', columns: scan.description.columns });
    const { undo } = await to.session.sink!.plan(given);
    await using writer = await to.session.sink!.open(given, undo);
    for await (const { batch: each } of scan.read((await scan.partitions(1))[0]!, { batch_size: 100 })) await write(writer, each);
    await using other = await to.session.source!.scan({ collection: 't' });
    expect((await to.session.fingerprint('t')).content).toBe((await from.session.fingerprint('t')).content);
    expect(other.description.columns.map((column) => column.native)).toEqual(
      scan.description.columns.map((column) => column.native),
    );
  });

  it.each<[string, Partial<SinkTarget>, string]>([
    ['a field without a column', { columns: [...columns, portableColumn('nope', { kind: 'text' })] }, 'UNKNOWN_FIELD'],
    ['a computed column', { columns: [...columns, portableColumn('twice', { kind: 'text' })] }, 'INVALID_DOCUMENT'],
    ['no value for a column that must have one', { columns: columns.slice(0, 2) }, 'INVALID_DOCUMENT'],
    ['a key without a unique index', { key: ['name'] }, 'INVALID_DOCUMENT'],
    ['no key', { key: [] }, 'INVALID_DOCUMENT'],
  ])('is refused with %s', async (_name, change, code) => {
    await using database = await testDatabase(
      'CREATE TABLE people (id integer PRIMARY KEY, name text, n numeric NOT NULL, twice numeric GENERATED ALWAYS AS (n * 2) STORED)',
    );
    await expect(database.session.sink!.plan(target(change))).rejects.toMatchObject({ code });
  });

  it('can be documents, where the table has their fields', async () => {
    await using database = await testDatabase('CREATE TABLE people (id integer PRIMARY KEY, name text, extra jsonb)');
    const documents: Batch = {
      kind: 'documents',
      form: 'portable',
      documents: [
        new Map<string, PortableValue>([
          ['id', 1],
          ['extra', new Map([['a', 1n]])],
        ]),
        new Map<string, PortableValue>([
          ['id', 2],
          ['other', 1],
        ]),
      ],
      decode: (raw) => raw as Map<string, PortableValue>,
      get: (raw, path) => (raw as Map<string, PortableValue>).get(path),
      decodeValue: (raw) => raw as PortableValue,
    };
    const { writer } = await open(database, { columns: [], dynamic: true });
    const encoded = writer.encode(documents);
    expect(encoded.rejected).toMatchObject([{ index: 1, code: 'UNKNOWN_FIELD' }]);
    await writer.write(encoded.batch, { replay: false });
    expect(await database.sql('SELECT * FROM people')).toEqual([{ id: 1, name: null, extra: { a: 1 } }]);
  });
});
