import type { RowWrite } from '@polyshift/adapter-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { undefinedCollection } from '../src/definitions/definition.ts';
import { nameOf } from '../src/keys/names.ts';
import { idField, jsonField } from '../src/rows/raw-row.ts';
import { runSteps, wholeRow, writeRows } from '../src/rows/write-rows.ts';
import { type Reply, type Store, send } from '../src/store.ts';
import { connected } from './connected.ts';

type Insert = Extract<RowWrite<Buffer>, { kind: 'insert' }>;

const bytes = fc.uint8Array({ maxLength: 30 }).map((each) => Buffer.from(each));
const fieldName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }).map((text) => nameOf(Buffer.from(text))),
  bytes.map(nameOf),
);
const hash = fc.uniqueArray(fc.tuple(fieldName, bytes), { selector: ([field]) => field, maxLength: 6 });
const json = bytes.map((text): [string, Buffer][] => [[jsonField, Buffer.concat([Buffer.from('{'), text])]]);
const ids = fc.uniqueArray(fc.nat(60).map(String), { maxLength: 40 });

function insertOf(id: string, fields: readonly [string, Buffer][]): Insert {
  return { kind: 'insert', key: id, row: new Map([[idField, Buffer.from(id)], ...fields]) };
}

/** What is under the keys of a collection, as the server says it. */
async function content(store: Store, collection: string, keys: readonly string[]): Promise<Reply[]> {
  return Promise.all(keys.map((id) => send(store, 'dump', store.keys.row(collection, id))));
}

describe('rows that are inserted', () => {
  it('are what the script for one row makes of them, and none takes the place of another', async () => {
    await using it = await connected();
    const { store } = it;
    let nth = 0;
    await fc.assert(
      fc.asyncProperty(ids, fc.array(fc.oneof(hash, json), { minLength: 61, maxLength: 61 }), ids, async (taken, rows, free) => {
        const [quick, slow] = [`quick_${++nth}`, `slow_${nth}`];
        for (const collection of [quick, slow])
          for (const id of taken) await send(store, 'set', store.keys.row(collection, id), 'of somebody else');
        const inserts = free.map((id) => insertOf(id, rows[Number(id)]!));
        const outcomes = await writeRows(store, quick, undefinedCollection, inserts);
        const replies = await runSteps(
          store,
          inserts.map(({ key, row }) => ({
            key: store.keys.row(slow, String(key)),
            condition: ['absent'],
            effect: wholeRow(row, 'keep'),
            entries: [],
          })),
        );
        expect(outcomes).toEqual(replies.map((reply) => (reply === 1 ? 'written' : 'differs')));
        expect(outcomes).toEqual(free.map((id) => (taken.includes(id) ? 'differs' : 'written')));
        const all = [...new Set([...taken, ...free])];
        expect(await content(store, quick, all)).toEqual(await content(store, slow, all));
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, [string, Buffer][]]>([
    ['a hash', [['name', Buffer.from('Ann')]]],
    ['a hash without fields', []],
    ['a text', [[jsonField, Buffer.from('{}')]]],
    ['a hash of many fields', Array.from({ length: 5000 }, (_, index) => [`f${index}`, Buffer.from('x')])],
    ['a hash of large values', Array.from({ length: 3 }, (_, index) => [`f${index}`, Buffer.alloc(200_000, 97)])],
  ])('live as long as their collection says: %s', async (_title, fields) => {
    await using it = await connected();
    const inserts = Array.from({ length: 120 }, (_, id) => insertOf(String(id), fields)).slice(0, fields.length > 2 ? 3 : 120);
    const definition = { ...undefinedCollection, ttl_seconds: 100 };
    expect(await writeRows(it.store, 'rows', definition, inserts)).toEqual(inserts.map(() => 'written'));
    expect(await writeRows(it.store, 'rows', definition, inserts)).toEqual(inserts.map(() => 'differs'));
    for (const id of ['0', String(inserts.length - 1)]) {
      const left = Number(await it.app('pttl', `rows:${id}`));
      expect([left > 0, left <= 100_000]).toEqual([true, true]);
    }
  });
});
