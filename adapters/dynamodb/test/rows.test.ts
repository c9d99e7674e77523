import { randomBytes } from 'node:crypto';
import type { RowWrite } from '@polyshift/adapter-kit';
import { batchSize, portableColumn } from '@polyshift/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putItems } from '../src/rows/batch-write.ts';
import { rowStore } from '../src/rows/row-store.ts';
import { openSession } from '../src/session.ts';
import { tableName } from '../src/store.ts';
import { type AttributeValue, type Item, itemText } from '../src/values/attribute.ts';
import { measureItem } from '../src/values/size.ts';
import { attribute, name } from './arbitraries.ts';
import { Stage } from './stage.ts';

const rowOf = (item: Item) => new Map(Object.entries(item));
const itemOf = (id: number, more: Item = {}): Item => ({ id: { N: String(id) }, ...more });
const insert = (item: Item): RowWrite<AttributeValue> => ({ kind: 'insert', key: [item['id']!.N!], row: rowOf(item) });

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('writes on a condition', () => {
  it('refuse one item that is too large, and write its neighbours', async () => {
    await stage.table('large');
    const outcomes = await rowStore(stage.store).write('large', [
      insert(itemOf(1)),
      insert(itemOf(2, { x: { S: 'x'.repeat(410_000) } })),
      insert(itemOf(3)),
    ]);
    expect(outcomes).toEqual(['written', { code: 'CONVERSION_FAILED', message: expect.stringContaining('size') }, 'written']);
    expect(await stage.items('large')).toHaveLength(2);
  });

  it('leave an item that has more than what is to be removed', async () => {
    await stage.table('removed');
    const rows = rowStore(stage.store);
    await stage.put('removed', itemOf(1, { a: { S: 'x' } }), itemOf(2, { a: { S: 'x' }, b: { S: 'since' } }));
    const remove = (id: number): RowWrite<AttributeValue> => ({
      kind: 'remove',
      key: [String(id)],
      row: rowOf(itemOf(id, { a: { S: 'x' } })),
    });
    expect(await rows.write('removed', [remove(1), remove(2), remove(3)])).toEqual(['written', 'differs', 'differs']);
    expect(await stage.items('removed')).toEqual([itemOf(2, { a: { S: 'x' }, b: { S: 'since' } })]);
  });

  it('remove an item that is too wide for one expression, and refuse to change it whole', async () => {
    await stage.table('wide');
    const rows = rowStore(stage.store);
    const fields: Item = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`field ${index}`, { N: String(index) }]));
    await stage.put('wide', itemOf(1, fields), itemOf(2, { ...fields, 'field 699': { N: '1' } }));
    const change = Object.keys(fields).map((field) => ({ field, before: fields[field], after: undefined }));
    expect(await rows.write('wide', [{ kind: 'change', key: ['1'], fields: change }])).toEqual([
      { code: 'STATEMENT_FAILED', message: expect.stringContaining('4096 bytes') },
    ]);
    const remove = (id: number): RowWrite<AttributeValue> => ({
      kind: 'remove',
      key: [String(id)],
      row: rowOf(itemOf(id, fields)),
    });
    expect(await rows.write('wide', [remove(1), remove(2)])).toEqual(['written', 'differs']);
    expect((await stage.items('wide')).map(({ id }) => id)).toEqual([{ N: '2' }]);
  });

  it('compare nested values, sets and numbers by value', async () => {
    await stage.table('nested');
    const value: AttributeValue = { M: { l: { L: [{ NS: ['2', '1'] }, { N: '1.50' }] } } };
    await stage.put('nested', itemOf(1, { v: { M: { l: { L: [{ NS: ['1.0', '2'] }, { N: '1.5' }] } } } }));
    const outcome = await rowStore(stage.store).write('nested', [
      { kind: 'change', key: ['1'], fields: [{ field: 'v', before: value, after: { SS: ['b', 'a'] } }] },
    ]);
    expect(outcome).toEqual(['written']);
  });
});

describe('inserts', () => {
  it('keep every type of value under any name, in batches or alone, and never write over an item', async () => {
    await stage.table('inserted');
    const rows = rowStore(stage.store);
    const item = fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('a.b', 'with space', "it's", 'a"b', '$x', '?', 'Größe'), name), attribute), {
        maxLength: 4,
      })
      .map((fields) => Object.fromEntries(fields));
    let id = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 2, maxLength: 30 }), async (items) => {
        const writes = items.map((each) => insert({ ...each, ...itemOf(++id) }));
        expect(new Set(await rows.write('inserted', writes))).toEqual(new Set(['written']));
        const found = await rows.get(
          'inserted',
          writes.map(({ key }) => key),
        );
        const text = ({ row }: { row: ReadonlyMap<string, AttributeValue> }) => itemText(Object.fromEntries(row));
        expect(found.map(text).sort()).toEqual(writes.map((write) => text(write as never)).sort());
        const again = writes.map(({ key }) => insert({ id: { N: (key as string[])[0]! }, other: { S: 'x' } }));
        expect(new Set(await rows.write('inserted', again))).toEqual(new Set(['differs']));
      }),
      { numRuns: 15 },
    );
  });
});

describe('an attribute that the driver loses', () => {
  it('is an error wherever it is read, and no item of a load has one', async () => {
    await stage.table('lost');
    const lost = Object.fromEntries([['__proto__', { S: 'x' }]]);
    await stage.put('lost', itemOf(1, lost));
    const rows = rowStore(stage.store);
    await expect(rows.get('lost', [['1']])).rejects.toMatchObject({ code: 'CONVERSION_FAILED' });
    await expect(stage.session.fingerprint('lost')).rejects.toMatchObject({ code: 'CONVERSION_FAILED' });
    await expect(stage.session.count('lost', { a: 1 })).resolves.toBe(0);
    await expect(stage.session.source!.scan({ collection: 'lost' })).rejects.toMatchObject({ code: 'CONVERSION_FAILED' });
    expect(measureItem(itemOf(1, lost)).problem).toContain('__proto__');
    const nested = itemOf(1, { m: { L: [{ M: lost }] } });
    await stage.put('lost', nested);
    expect((await rows.get('lost', [['1']])).map(({ row }) => itemText(Object.fromEntries(row)))).toEqual([itemText(nested)]);
  });
});

describe('scans', () => {
  it('read a large table in parallel segments, every item once, and go on behind any batch', async () => {
    await stage.table('many');
    const all = Array.from({ length: 2300 }, (_, id) => itemOf(id));
    await putItems(stage.store, tableName(stage.store, 'many'), all);
    const rows = rowStore(stage.store);
    for (const stopAfter of [Number.POSITIVE_INFINITY, 0, 5]) {
      const seen: string[] = [];
      let after: unknown;
      let batches = 0;
      for await (const { rows: found, last } of rows.scan('many', { batch_size: 100 })) {
        seen.push(...found.map(({ key }) => (key as string[])[0]!));
        after = JSON.parse(JSON.stringify(last));
        if (++batches > stopAfter) break;
      }
      if (stopAfter !== Number.POSITIVE_INFINITY)
        for await (const { rows: found } of rows.scan('many', { batch_size: 250, after: after as never }))
          seen.push(...found.map(({ key }) => (key as string[])[0]!));
      expect(seen).toHaveLength(all.length);
      expect(new Set(seen).size).toBe(all.length);
    }
  });
});

describe('what is kept aside', () => {
  it('may be larger than an item, and keeps or replaces what is there', async () => {
    const { aside } = rowStore(stage.store);
    await aside.ensure('place');
    await aside.ensure('place');
    const large = randomBytes(400_000).toString('hex');
    await aside.put(
      'place',
      [
        { key: 'a', value: large },
        { key: 'b', value: { deep: [1, 'ü'] } },
      ],
      'keep',
    );
    await aside.put(
      'place',
      [
        { key: 'a', value: 'other' },
        { key: 'c', value: null },
      ],
      'keep',
    );
    expect([...(await aside.get('place', ['a', 'b', 'c', 'd']))].sort()).toEqual([
      ['a', large],
      ['b', { deep: [1, 'ü'] }],
      ['c', null],
    ]);
    await aside.put(
      'place',
      [
        { key: 'a', value: 'small' },
        { key: 'b', value: large },
      ],
      'replace',
    );
    const listed: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await aside.list('place', after, 2);
      listed.push(...page.map(({ key, value }) => `${key}: ${JSON.stringify(value).length}`));
      if (page.length < 2) break;
      after = page.at(-1)!.key;
    }
    expect(listed.sort()).toEqual(['a: 7', `b: ${large.length + 2}`, 'c: 4']);
    await aside.delete('place', ['b', 'd']);
    expect([...(await aside.get('place', ['a', 'b'])).keys()]).toEqual(['a']);
    await aside.drop('place');
    await aside.drop('place');
    expect([await aside.get('place', ['a']), await aside.list('place', undefined, 5)]).toEqual([new Map(), []]);
    expect(Object.keys((await stage.session.introspect()).collections)).not.toContain('polyshift_place');
  });
});

describe('the sink', () => {
  it('rejects rows that no item can be, by a code, and writes the others', async () => {
    const columns = [portableColumn('id', { kind: 'int64' }), portableColumn('v', { kind: 'text' })];
    const target = {
      collection: 'rejecting',
      columns,
      dynamic: false,
      key: ['id'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'rejecting',
      params: { nulls: 'omit' },
    };
    const { undo, fields } = await stage.session.sink!.plan(target);
    expect(fields).toEqual([
      { name: 'id', type: 'N', losses: [] },
      { name: 'v', type: 'S', losses: [] },
    ]);
    await using writer = await stage.session.sink!.open(target, undo);
    const rows = [
      [1n, 'one'],
      [null, 'no key'],
      [2n, 'x'.repeat(410_000)],
      [3n, null],
    ];
    const { batch, rejected } = writer.encode({ kind: 'rows', columns, rows });
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'ROW_REJECTED'],
      [2, 'CONVERSION_FAILED'],
    ]);
    expect((await writer.write(batch, { replay: false })).inserted).toBe(2);
    expect((await stage.items('rejecting')).map(itemText).sort()).toEqual(['"id":N1,"v":S"one"', '"id":N3']);
  });

  it('makes a table whose key nobody has shown the types of when the first item comes', async () => {
    const columns = [portableColumn('id', { kind: 'dynamic' }), portableColumn('v', { kind: 'dynamic' })];
    const target = {
      collection: 'waiting',
      columns,
      dynamic: false,
      key: ['id'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'waiting',
    };
    const sink = stage.session.sink!;
    const { undo } = await sink.plan(target);
    const load = async (rows: (string | number)[][]): Promise<unknown> => {
      await using writer = await sink.open(target, undo);
      const encoded = writer.encode({ kind: 'rows', columns, rows });
      await writer.lookup(encoded.batch);
      const { inserted } = await writer.write(encoded.batch, { replay: false });
      await writer.finish();
      return [inserted, encoded.rejected.map(({ code }) => code)];
    };
    expect(
      await load([
        [1, 'a'],
        ['2', 'b'],
      ]),
    ).toEqual([1, ['ROW_REJECTED']]);
    // A second process finds the table.
    expect(await load([[3, 'c']])).toEqual([1, []]);
    expect(await stage.texts('waiting')).toEqual(['"id":N1,"v":S"a"', '"id":N3,"v":S"c"']);
    for await (const _progress of sink.rollback(undo, 2));
    expect((await sink.plan(target)).undo.before).toBe('absent');
    await using writer = await sink.open(target, undo);
    await writer.finish();
    expect(await stage.session.count('waiting')).toBe(0);
  });

  it('opened again, it finds the table and the rows that another process has made since', async () => {
    const columns = [portableColumn('id', { kind: 'dynamic' })];
    const target = {
      collection: 'made_since',
      columns,
      dynamic: false,
      key: ['id'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'made_since',
    };
    const { undo } = await stage.session.sink!.plan(target);
    const other = openSession(stage.store);
    await using waiting = await stage.session.sink!.open(target, undo);
    await using first = await other.sink!.open(target, undo);
    const { batch } = first.encode({ kind: 'rows', columns, rows: [[1]] });
    expect((await first.write(batch, { replay: false })).inserted).toBe(1);
    expect(batchSize(await waiting.lookup(batch))).toBe(0);
    await using again = await stage.session.sink!.open(target, undo);
    expect(batchSize(await again.lookup(batch))).toBe(1);
    expect(await again.write(batch, { replay: true })).toMatchObject({ inserted: 0, already_there: 1, rejected: [] });
  });

  it('refuses a key that the table does not have, before anything is written', async () => {
    await stage.table('keyed');
    const target = {
      collection: 'keyed',
      columns: [portableColumn('id', { kind: 'text' })],
      dynamic: false,
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'keyed',
    };
    await expect(stage.session.sink!.plan({ ...target, key: ['id'] })).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    await expect(stage.session.sink!.plan({ ...target, key: ['other'] })).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    await expect(stage.session.sink!.plan({ ...target, collection: 'fresh', key: ['id', 'a', 'b'] })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
  });
});
