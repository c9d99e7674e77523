import { type Column, type PortableValue, portableColumn, type RowBatch, type SinkTarget } from '@polyshift/core';
import fc from 'fast-check';
import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import mysql from '../src/index.ts';
import { server, servers, TestDatabase } from './harness.ts';

const target = (columns: readonly Column[], collection: string, change: Partial<SinkTarget> = {}): SinkTarget => ({
  collection,
  columns,
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: collection,
  ...change,
});

/** Loads rows in one write; what was done, and the rows as they are then. */
async function load(database: TestDatabase, wanted: SinkTarget, rows: readonly PortableValue[][], session = database.session) {
  const sink = session.sink!;
  const { undo } = await sink.plan(wanted);
  await using writer = await sink.open(wanted, undo);
  const batch: RowBatch = { kind: 'rows', columns: wanted.columns, rows };
  const encoded = writer.encode(batch);
  const { inserted, rejected } = await writer.write(encoded.batch, { replay: false });
  const lost = [...encoded.rejected, ...rejected].map(({ index, code }) => [index, code]);
  return { inserted, lost, found: await database.sql(`SELECT * FROM ${wanted.collection} ORDER BY id`) };
}

/** Statements of a kind that the server has run. */
async function statements(url: string, kind: string): Promise<number> {
  const connection = await createConnection({ uri: url });
  const [rows] = await connection.query<RowDataPacket[]>(`SHOW GLOBAL STATUS LIKE 'Com_${kind}'`);
  await connection.end();
  return Number(rows[0]!['Value']);
}

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('\\', '\t', '\n', '\r', '\0', "'", '"', 'N', 'NULL', ' ', 'ü', '日', '😀'), fc.string()),
});

describe.each(servers)('rows that are sent as a file to %s', (name) => {
  it('go by one statement, and are just those that inserts would write', async () => {
    await using database = await TestDatabase.on(await server(name));
    // A session that may send no file: its rows go by inserts.
    const inserting = await mysql.connect(database.url, { driver: { flags: ['-LOCAL_FILES'] } });
    const columns = [
      portableColumn('id', { kind: 'int64' }, false),
      portableColumn('txt', { kind: 'text' }),
      portableColumn('bin', { kind: 'bytes' }),
      portableColumn('num', { kind: 'float64' }),
      portableColumn('sum', { kind: 'decimal', precision: 20, scale: 4 }),
      portableColumn('yes', { kind: 'boolean' }),
      portableColumn('day', { kind: 'date' }),
      portableColumn('at', { kind: 'timestamp' }),
      portableColumn('doc', { kind: 'json' }),
      portableColumn('tag', { kind: 'enum', values: ['a', '1', 'tab\there'] }),
      portableColumn('only', { kind: 'float32' }),
    ];
    const optional = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
    const rowOf = fc.tuple(
      optional(anyText),
      optional(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
      optional(fc.double({ noNaN: true, noDefaultInfinity: true })),
      optional(fc.integer().map((digits) => `${digits}.${String(Math.abs(digits) % 10000).padStart(4, '0')}`)),
      optional(fc.boolean()),
      optional(fc.constantFrom('2024-02-29', '0001-01-01', '9999-12-31')),
      optional(fc.constantFrom('2024-02-29T23:59:59.999999', '1999-01-01T00:00:00')),
      optional(anyText.map((text) => JSON.stringify({ text }))),
      optional(fc.constantFrom('a', '1', 'tab\there')),
      optional(fc.float({ noNaN: true, noDefaultInfinity: true })),
    );
    let nth = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(rowOf, { minLength: 1, maxLength: 30 }), async (made) => {
        const rows = made.map((row, index): PortableValue[] => [BigInt(index), ...(row as PortableValue[])]);
        const before = await statements(database.url, 'load');
        const byFile = await load(database, target(columns, `file_${++nth}`), rows);
        expect(await statements(database.url, 'load')).toBeGreaterThan(before);
        expect(byFile).toEqual(await load(database, target(columns, `insert_${nth}`), rows, inserting));
      }),
      { numRuns: 12 },
    );
    await inserting[Symbol.asyncDispose]();
  });

  it.each<[string, string, readonly PortableValue[][], [number, string][], number]>([
    [
      'a key twice',
      'id bigint PRIMARY KEY, v text',
      [
        [1n, 'a'],
        [2n, 'b'],
        [1n, 'c'],
      ],
      [[2, 'DUPLICATE_KEY']],
      2,
    ],
    [
      'a value that a check refuses',
      "id bigint PRIMARY KEY, v varchar(9), CHECK (v <> 'no')",
      [
        [1n, 'a'],
        [2n, 'no'],
        [3n, 'c'],
      ],
      [[1, 'CONSTRAINT_VIOLATED']],
      2,
    ],
    [
      'no value where one must be',
      'id bigint PRIMARY KEY, v varchar(9) NOT NULL',
      [
        [1n, 'a'],
        [2n, null],
      ],
      [[1, 'CONSTRAINT_VIOLATED']],
      1,
    ],
    [
      'a row that nothing belongs to',
      'id bigint PRIMARY KEY, v varchar(9), FOREIGN KEY (v) REFERENCES parents (v)',
      [
        [1n, 'p'],
        [2n, 'q'],
      ],
      [[1, 'CONSTRAINT_VIOLATED']],
      1,
    ],
    [
      'a character that the column has not',
      'id bigint PRIMARY KEY, v varchar(9) CHARACTER SET latin1',
      [
        [1n, 'a'],
        [2n, '日'],
      ],
      [[1, 'CONVERSION_FAILED']],
      1,
    ],
    [
      'a year',
      'id bigint PRIMARY KEY, v year',
      [
        [1n, 0],
        [2n, 2024],
      ],
      [],
      2,
    ],
  ])('lose nothing in silence: %s', async (_title, definition, rows, lost, inserted) => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE parents (v varchar(9) PRIMARY KEY)');
    await database.sql("INSERT INTO parents VALUES ('p')");
    await database.sql(`CREATE TABLE t (${definition})`);
    const kind = typeof rows[0]![1] === 'number' ? 'int16' : 'text';
    const columns = [portableColumn('id', { kind: 'int64' }, false), portableColumn('v', { kind })];
    const done = await load(database, target(columns, 't'), rows);
    expect([done.lost, done.inserted]).toEqual([lost, inserted]);
    const gone = new Set(lost.map(([index]) => index));
    const expected = rows
      .filter((_row, index) => !gone.has(index))
      .map(([id, value]) => [String(id), value === 0 ? 0 : String(value)]);
    expect(done.found.map(([id, value]) => [String(id), value === 0 ? 0 : String(value)])).toEqual(expected);
  });
});
