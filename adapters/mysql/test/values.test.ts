import { canonicalText, type RowBatch, type SinkTarget, type StoreSession, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toServerJson } from '../src/values/server-json.ts';
import { server, servers, TestDatabase } from './harness.ts';

/** Values of the servers' own types, with what they must become. */
const natives: readonly [type: string, literal: string, value: unknown][] = [
  ['bigint unsigned', '18446744073709551615', '18446744073709551615'],
  ['int unsigned', '4294967295', 4294967295n],
  ['tinyint(1)', '1', true],
  ['tinyint(1)', '7', new Tagged({ kind: 'int16' }, 7)],
  ['decimal(65,30)', `-${'9'.repeat(35)}.${'1'.repeat(30)}`, `-${'9'.repeat(35)}.${'1'.repeat(30)}`],
  ['float', '0.1', Math.fround(0.1)],
  ['double', '5e-324', 5e-324],
  ['datetime(6)', "'0001-01-01 00:00:00.000001'", '0001-01-01T00:00:00.000001'],
  ['datetime', "'0000-00-00'", new Tagged({ kind: 'native', name: 'datetime' }, '0000-00-00 00:00:00')],
  ['timestamp(6)', "'2024-02-29 23:59:59.123456'", '2024-02-29T23:59:59.123456Z'],
  ['date', "'2024-02-31'", new Tagged({ kind: 'native', name: 'date' }, '2024-02-31')],
  ['date', "'9999-12-31'", '9999-12-31'],
  ['time(6)', "'-838:59:58.5'", new Tagged({ kind: 'interval' }, 'PT-838H-59M-58.5S')],
  ['time(3)', "'24:00:01'", new Tagged({ kind: 'interval' }, 'PT24H1S')],
  ['time', "'23:59:59'", '23:59:59'],
  ['year', '2155', 2155],
  ['bit(11)', "b'00000000101'", '00000000101'],
  ['bit(64)', "b'1'", '1'.padStart(64, '0')],
  ["enum('a','it''s, b')", "'it''s, b'", "it's, b"],
  ["set('a','b','c')", "'c,a'", 'a,c'],
  ['binary(4)', "X'00ff'", Uint8Array.of(0, 255, 0, 0)],
  ['varbinary(10)', "X'00ff27'", Uint8Array.of(0, 255, 39)],
  ['char(5) CHARACTER SET latin1', "'äö'", 'äö'],
  ['varchar(20) COLLATE utf8mb4_bin', "'😀  '", '😀  '],
  ['geometry', "ST_GeomFromText('POINT(1 2)')", '000000000101000000000000000000F03F0000000000000040'],
];

describe.each(servers)('values of %s', (name) => {
  it('are read exactly, and copied to the letter into a table like it', async () => {
    await using database = await TestDatabase.on(await server(name));
    const columns = natives.map(([type], index) => `c${index} ${type} NULL`);
    await database.sql(`CREATE TABLE t (id int PRIMARY KEY, ${columns.join(', ')})`);
    await database.sql("SET time_zone = '+00:00'");
    await database.sql(`INSERT INTO t VALUES (1, ${natives.map(([, literal]) => literal).join(', ')})`);
    const batch = await readAll(database.session, 't');
    natives.forEach(([type, , value], index) => {
      const column = batch.columns[index + 1]!;
      const decoded = column.decode(batch.rows[0]![index + 1]);
      expect(canonicalText(column.type, decoded), type).toBe(canonicalText(column.type, value as never));
    });
    await load(database.session, 'copy', batch);
    const [from, to] = [await database.session.fingerprint('t'), await database.session.fingerprint('copy')];
    expect(to.content).toBe(from.content);
  });

  it('of any decimal and any time come back as they went in', async () => {
    await using database = await TestDatabase.on(await server(name));
    const decimals = fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 30 }))
      .map(([digits, scale]) => withPoint(digits, scale));
    const times = fc
      .tuple(fc.integer({ min: 1, max: 2 ** 31 - 2 }), fc.integer({ min: 0, max: 999_999 }))
      .map(([seconds, micros]) => stamp(seconds, micros));
    const rows = fc.sample(fc.tuple(decimals, times), 200);
    const batch: RowBatch = {
      kind: 'rows',
      columns: [
        { name: 'id', type: { kind: 'int32' }, nullable: false, form: 'portable', decode: (raw) => raw as number },
        { name: 'n', type: { kind: 'decimal' }, nullable: true, form: 'portable', decode: (raw) => raw as string },
        { name: 'at', type: { kind: 'timestamptz' }, nullable: true, form: 'portable', decode: (raw) => raw as string },
      ],
      rows: rows.map((row, index) => [index, ...row]),
    };
    await load(database.session, 'numbers', batch);
    const back = await readAll(database.session, 'numbers');
    back.rows.forEach((row, index) => {
      const [, n, at] = back.columns.map((column, position) => canonicalText(column.type, column.decode(row[position])));
      expect(n).toBe(canonicalText({ kind: 'decimal' }, rows[index]![0]));
      expect(at).toBe(canonicalText({ kind: 'timestamptz' }, rows[index]![1]));
    });
  });
});

describe('JSON as MySQL itself prints it', () => {
  it('is foreseen: keys, numbers, letters and spaces', async () => {
    await using database = await TestDatabase.on(await server('mysql'));
    await database.sql('CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, j json, s longtext)');
    const texts = fc.sample(fc.json({ maxDepth: 3, stringUnit: 'grapheme' }), 150).filter((text) => !toServerJson(text).inexact);
    texts.push('[1e14, 1e15, 1e-15, 1e-16, 100.0, 0.00001, -0, -0.0, 18446744073709551615, 1.5e20]', '{"bb":1,"a":2,"a":3}');
    await load(database.session, 't', {
      kind: 'rows',
      columns: [
        { name: 'id', type: { kind: 'int32' }, nullable: false, form: 'portable', decode: (raw) => raw as number },
        { name: 'j', type: { kind: 'json' }, nullable: true, form: 'portable', decode: (raw) => raw as string },
        { name: 's', type: { kind: 'json' }, nullable: true, form: 'portable', decode: (raw) => raw as string },
      ],
      rows: texts.map((text, index) => [index + 1, text, text]),
    });
    const { rows } = await readAll(database.session, 't');
    rows.forEach((row, index) => {
      expect(row[1], texts[index]).toBe(toServerJson(texts[index]!).text);
      expect(row[2]).toBe(texts[index]);
    });
  });
});

async function readAll(session: StoreSession, collection: string): Promise<RowBatch> {
  await using scan = await session.source!.scan({ collection });
  const rows: (readonly unknown[])[] = [];
  for (const partition of await scan.partitions(3)) {
    for await (const { batch } of scan.read(partition, { batch_size: 50 })) rows.push(...(batch as RowBatch).rows);
  }
  return { kind: 'rows', columns: scan.description.columns, rows };
}

async function load(session: StoreSession, collection: string, batch: RowBatch): Promise<void> {
  const target: SinkTarget = {
    collection,
    columns: batch.columns,
    dynamic: false,
    key: ['id'],
    mode: 'insert',
    on_loss: 'nearest',
    aside: collection,
  };
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const encoded = writer.encode(batch);
  expect(encoded.rejected).toEqual([]);
  expect((await writer.write(encoded.batch, { replay: false })).rejected).toEqual([]);
  await writer.finish();
}

function withPoint(digits: bigint, scale: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const plain = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  return digits < 0n ? `-${plain}` : plain;
}

function stamp(seconds: number, micros: number): string {
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction}Z`;
}
