import { portableColumn, type RowBatch, type SinkTarget } from '@polyshift/core';
import { sharedServer } from '@polyshift/testkit/vitest';
import { describe, expect, it } from 'vitest';
import { putItems } from '../src/rows/batch-write.ts';
import { rowStore } from '../src/rows/row-store.ts';
import { tableName } from '../src/store.ts';
import type { Item } from '../src/values/attribute.ts';
import { FaultProxy, type FaultRule } from './fault-proxy.ts';
import { Stage } from './stage.ts';

const server = await sharedServer('dynamodb');
const throttles = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'];
const count = 60;

const columns = [portableColumn('id', { kind: 'int64' }, false), portableColumn('name', { kind: 'text' })];
const target: SinkTarget = {
  collection: 'loaded',
  columns,
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load',
};
const batch: RowBatch = {
  kind: 'rows',
  columns,
  rows: Array.from({ length: count }, (_, id) => [BigInt(id), `name ${id}`]),
};

async function withFaults(rule: FaultRule, use: (stage: Stage, proxy: FaultProxy) => Promise<void>): Promise<void> {
  await using proxy = await FaultProxy.start(server.url, rule);
  await using stage = await Stage.open((url) => proxy.through(url));
  await use(stage, proxy);
}

/** Each throttling error in turn, for every third request of an action. */
const throttleEveryThird =
  (...actions: string[]): FaultRule =>
  (action, nth) =>
    actions.includes(action) && nth % 3 === 0 ? { kind: 'refuse', error: throttles[(nth / 3) % 3]! } : undefined;

describe('throttling', () => {
  it('is waited out by a load, which loses and doubles nothing', () =>
    withFaults(throttleEveryThird('PutItem', 'BatchExecuteStatement', 'DescribeTable'), async (stage, proxy) => {
      const { undo } = await stage.session.sink!.plan(target);
      await using writer = await stage.session.sink!.open(target, undo);
      const result = await writer.write(writer.encode(batch).batch, { replay: false });
      expect([result.inserted, result.rejected]).toEqual([count, []]);
      expect(await stage.session.count('loaded')).toBe(count);
      expect(proxy.faults).toBeGreaterThan(2);
    }));

  it('is waited out by scans, changes and transactions of the journal', () =>
    withFaults(throttleEveryThird('Scan', 'UpdateItem', 'TransactWriteItems', 'Query', 'GetItem'), async (stage) => {
      await stage.table('items');
      await putItems(stage.store, tableName(stage.store, 'items'), items(30));
      const operation = {
        type: 'add_field' as const,
        collection: 'items',
        data: { field_name: 'tier', default_value: 'gold' },
        batch_size: 10,
      };
      const before = await stage.texts('items');
      await stage.up(operation);
      expect((await stage.items('items')).every(({ tier }) => tier?.S === 'gold')).toBe(true);
      await stage.down(operation);
      expect(await stage.texts('items')).toEqual(before);
    }));
});

describe('a batch that is done in part', () => {
  it('is sent again for what was left of it, written and read', () =>
    withFaults(
      (action, nth) => (/^Batch/.test(action) && nth % 4 !== 3 ? { kind: 'part', first: 1 + ((nth * 7) % 11) } : undefined),
      async (stage, proxy) => {
        await stage.table('items');
        await putItems(stage.store, tableName(stage.store, 'items'), items(count));
        expect(await stage.texts('items')).toHaveLength(count);
        const keys = Array.from({ length: count + 5 }, (_, id) => [String(id)]);
        const found = await rowStore(stage.store).get('items', keys);
        expect(found.map(({ key }) => key).sort()).toEqual(keys.slice(0, count).sort());
        expect(proxy.faults).toBeGreaterThan(4);
      },
    ));
});

describe('an answer that is lost', () => {
  it('leaves no doubt of what a conditional write has done', () =>
    withFaults(
      // By chance alone one of so many requests would meet nothing else, and its connection would rightly count as lost.
      (action, nth, repeat) =>
        !/^(Put|Update|Delete)Item$|^BatchExecute/.test(action) || repeat >= 4
          ? undefined
          : nth % 2 === 0
            ? { kind: 'lose' }
            : action !== 'BatchExecuteStatement' && nth % 5 === 0
              ? { kind: 'refuse', error: 'InternalServerError', status: 500 }
              : undefined,
      async (stage) => {
        await stage.table('items');
        const rows = rowStore(stage.store);
        const all = items(20).map((item) => ({ key: [item['id']!.N!], row: new Map(Object.entries(item)) }));
        const inserted = await rows.write(
          'items',
          all.map((each) => ({ kind: 'insert', ...each })),
        );
        expect(new Set(inserted)).toEqual(new Set(['written']));
        // The same again is not its own: what is there was written by another call.
        const again = await rows.write('items', [{ kind: 'insert', key: ['0'], row: new Map([['id', { N: '0' }]]) }]);
        expect(again).toEqual(['differs']);
        const changed = await rows.write(
          'items',
          all.map(({ key, row }) => ({
            kind: 'change',
            key,
            fields: [{ field: 'name', before: row.get('name'), after: { S: 'new' } }],
          })),
        );
        expect(new Set(changed)).toEqual(new Set(['written']));
        const removed = await rows.write(
          'items',
          all.map(({ key, row }) => ({ kind: 'remove', key, row: new Map(row).set('name', { S: 'new' }) })),
        );
        expect(new Set(removed)).toEqual(new Set(['written']));
        expect(await stage.items('items')).toEqual([]);
      },
    ));

  it('does not hide a lock from its own holder', () =>
    withFaults(
      (action, nth) => (action === 'UpdateItem' && (nth === 0 || nth === 3) ? { kind: 'lose' } : undefined),
      async ({ session }) => {
        await session.journal.ensure();
        const holder = { id: 'a', host: 'h', pid: 1, command: 'up' };
        const taken = await session.locks.acquire('l', holder, 30_000);
        expect(taken).toEqual({ acquired: true, token: 1 });
        expect(await session.locks.acquire('l', { ...holder, id: 'b' }, 30_000)).toMatchObject({ acquired: false });
        expect(await session.locks.release('l', 1)).toBe(true);
        expect(await session.locks.release('l', 1)).toBe(false);
      },
    ));
});

function items(length: number): Item[] {
  return Array.from({ length }, (_, id) => ({ id: { N: String(id) }, name: { S: `name ${id}` } }));
}
