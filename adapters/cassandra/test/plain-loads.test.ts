import { type Column, type PortableValue, portableColumn, type RowBatch, type SinkTarget } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const text = (name: string): Column => portableColumn(name, { kind: 'text' });
const number = (name: string): Column => portableColumn(name, { kind: 'int32' });

let loads = 0;

function targetOf(
  columns: readonly Column[],
  key: readonly string[],
  params?: SinkTarget['params'],
  told: Partial<SinkTarget> = { unique_keys: true },
): SinkTarget {
  const name = `loaded_${++loads}`;
  return {
    collection: name,
    columns,
    dynamic: false,
    key,
    ...told,
    mode: 'insert',
    on_loss: 'nearest',
    aside: name,
    params,
  };
}

const batchOf = (columns: readonly Column[], rows: readonly PortableValue[][]): RowBatch => ({ kind: 'rows', columns, rows });

async function open({ session }: Stage, target: SinkTarget) {
  const sink = session.sink!;
  const { undo, statements } = await sink.plan(target);
  const writer = await sink.open(target, undo);
  const write = (rows: readonly PortableValue[][]) =>
    writer.write(writer.encode(batchOf(target.columns, rows)).batch, { replay: false });
  return { write, statements };
}

describe('a load of rows whose keys are unique, into a new table', () => {
  const columns = [number('id'), text('name'), text('note')];

  it('writes all rows as of one time, by what the plan says', async () => {
    await using stage = await openStage();
    const target = targetOf(columns, ['id']);
    const load = await open(stage, target);
    expect(load.statements.at(-1)).toMatch(/USING TIMESTAMP \?$/);
    const rows = Array.from({ length: 450 }, (_, id): PortableValue[] => [id, `name ${id}`, 'x'.repeat((id * 37) % 3000)]);
    expect(await load.write(rows)).toEqual({ inserted: 450, replaced: 0, already_there: 0, rejected: [] });
    const found = await stage.cql(`SELECT id, name, note, writetime(name) AS at FROM ${target.collection}`);
    expect(new Set(found.map(({ at }) => String(at))).size).toBe(1);
    expect(found.map(({ id, name, note }) => [id, name, note]).sort(([a], [b]) => Number(a) - Number(b))).toEqual(rows);
  });

  it('leaves what the application has written and deleted since it was opened', async () => {
    await using stage = await openStage();
    const target = targetOf(columns, ['id']);
    const load = await open(stage, target);
    await stage.cql(
      `INSERT INTO ${target.collection} (id, name) VALUES (1, 'of the application')`,
      `DELETE FROM ${target.collection} WHERE id = 2`,
    );
    const { inserted, rejected } = await load.write([1, 2, 3].map((id): PortableValue[] => [id, 'loaded', null]));
    expect([inserted, rejected.map(({ index, code }) => [index, code])]).toEqual([2, [[0, 'DUPLICATE_KEY']]]);
    const found = await stage.cql(`SELECT id, name FROM ${target.collection}`);
    expect(found.map(({ id, name }) => [id, name]).sort()).toEqual([
      [1, 'of the application'],
      [3, 'loaded'],
    ]);
  });

  it('rejects a row with a key that the store does not take, and writes its neighbours', async () => {
    await using stage = await openStage();
    const named = [text('id'), text('name')];
    const load = await open(stage, targetOf(named, ['id']));
    const { inserted, rejected } = await load.write([
      ['a', 'first'],
      ['', 'without a key'],
      ['b', 'last'],
    ]);
    expect([inserted, rejected.map(({ index, code }) => [index, code])]).toEqual([2, [[1, 'STATEMENT_FAILED']]]);
  });

  it('goes by conditions where two keys of the source may become one', async () => {
    await using stage = await openStage();
    const timed = [portableColumn('at', { kind: 'timestamp' }), text('name')];
    const load = await open(stage, targetOf(timed, ['at']));
    expect(load.statements.at(-1)).toMatch(/ IF NOT EXISTS\b/);
    const { inserted, rejected } = await load.write([
      ['2024-01-01T00:00:00.000001', 'one'],
      ['2024-01-01T00:00:00.000002', 'another'],
    ]);
    expect([inserted, rejected.map(({ code }) => code)]).toEqual([1, ['DUPLICATE_KEY']]);
  });

  it('keeps rows apart whose keys become one, where one writer writes all of them', async () => {
    await using stage = await openStage();
    const timed = [portableColumn('at', { kind: 'timestamp' }), text('name'), text('note')];
    const load = await open(stage, targetOf(timed, ['at'], undefined, { sole_writer: true }));
    const writes = Array.from({ length: 6 }, (_, writing) =>
      Array.from({ length: 20 }, (_, second): PortableValue[] => [
        `2024-01-01T00:00:${String(second + 10)}.00000${writing}`,
        `name ${writing}`,
        writing % 2 ? null : `note ${writing}`,
      ]),
    );
    const results = await Promise.all(writes.map((rows) => load.write(rows)));
    expect(results.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(20);
    expect(results.reduce((sum, { rejected }) => sum + rejected.length, 0)).toBe(100);
    const found = await stage.cql(`SELECT name, note, writetime(name) AS at FROM loaded_${loads}`);
    expect(new Set(found.map(({ at }) => String(at))).size).toBe(1);
    for (const { name, note } of found) {
      const writing = Number(String(name).split(' ')[1]);
      expect(note).toBe(writing % 2 ? null : `note ${writing}`);
    }
  });

  it.each<[string, readonly string[], SinkTarget['params']]>([
    ['one partition for each row', ['a', 'b', 'c'], { partition_key: ['a', 'b', 'c'] }],
    ['one clustering column', ['a', 'b', 'c'], { partition_key: ['a', 'b'] }],
    ['two clustering columns', ['a', 'b', 'c'], { partition_key: ['b'] }],
  ])('inserts just the rows whose keys are free: %s', async (_title, key, params) => {
    await using stage = await openStage();
    const parts = [number('a'), text('b'), number('c'), text('name')];
    const keys = fc.tuple(fc.nat(3), fc.constantFrom('x', 'ü', 'x y'), fc.nat(3));
    const distinct = fc.uniqueArray(keys, { selector: (each) => each.join('/'), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(distinct, distinct, async (first, second) => {
        const target = targetOf(parts, key, params);
        const load = await open(stage, target);
        await load.write(first.map((each): PortableValue[] => [...each, 'first']));
        const { inserted, rejected } = await load.write(second.map((each): PortableValue[] => [...each, 'second']));
        const there = new Set(first.map((each) => each.join('/')));
        expect(rejected.map(({ index }) => index)).toEqual(
          second.flatMap((each, index) => (there.has(each.join('/')) ? [index] : [])),
        );
        expect(inserted).toBe(second.length - rejected.length);
        const found = await stage.cql(`SELECT a, b, c, name FROM ${target.collection}`);
        const expected = [
          ...first.map((each) => [...each, 'first']),
          ...second.filter((each) => !there.has(each.join('/'))).map((each) => [...each, 'second']),
        ];
        expect(found.map(({ a, b, c, name }) => [a, b, c, name].join('/')).sort()).toEqual(
          expected.map((each) => each.join('/')).sort(),
        );
      }),
      { numRuns: 5 },
    );
  });
});
