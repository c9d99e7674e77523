import { portableColumn, type RowBatch, type SinkTarget, type StoreSession } from '@polyshift/core';
import { elasticsearch } from '@polyshift/elasticsearch';
import { describe, expect, it } from 'vitest';
import { busyError, busyReply, FaultProxy, type Passing, type Reply } from './fault-proxy.ts';
import { openStage } from './stage.ts';

const columns = [portableColumn('id', { kind: 'int64' }, false), portableColumn('text', { kind: 'text' })];
const target: SinkTarget = {
  collection: 'loaded',
  columns,
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load',
};
const rows = (count: number, size = 10): RowBatch => ({
  kind: 'rows',
  columns,
  rows: Array.from({ length: count }, (_, index) => [BigInt(index), `${index} ${'x'.repeat(size)}`]),
});

const isBulk = ({ path, body }: Passing): boolean => path.startsWith('/_bulk') && body.includes('loaded');

async function load(session: StoreSession, batch: RowBatch) {
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const result = await writer.write(writer.encode(batch).batch, { replay: false });
  await writer.finish();
  return { ...result, count: await session.count('loaded') };
}

describe('a server that is busy, or full', () => {
  it('gets refused requests again, later and smaller, and each document once', async () => {
    await using stage = await openStage();
    await using proxy = await FaultProxy.before(stage.url);
    let refusals = 3;
    proxy.fault = async (passing, forward) => (isBulk(passing) && refusals-- > 0 ? busyReply : forward());
    await using session = await elasticsearch.connect(proxy.url);
    expect(await load(session, rows(300, 40_000))).toMatchObject({ inserted: 300, rejected: [], count: 300 });
    const sizes = proxy.passed.filter(isBulk).map(({ body }) => body.length);
    expect(Math.max(...sizes.slice(3))).toBeLessThan(sizes[0]! / 4);
  });

  it('gets only the items again that it has refused', async () => {
    await using stage = await openStage();
    await using proxy = await FaultProxy.before(stage.url);
    let refusals = 2;
    proxy.fault = async (passing, forward) =>
      isBulk(passing) && refusals-- > 0 ? everySecond(passing.body, forward) : forward();
    await using session = await elasticsearch.connect(proxy.url);
    expect(await load(session, rows(40))).toMatchObject({ inserted: 40, already_there: 0, rejected: [], count: 40 });
    expect(proxy.passed.filter(isBulk).map(({ body }) => body.trim().split('\n').length / 2)).toEqual([40, 20, 10]);
  });

  it('gets a request that is too large in halves', async () => {
    await using stage = await openStage();
    await using proxy = await FaultProxy.before(stage.url);
    proxy.fault = async (passing, forward) =>
      isBulk(passing) && passing.body.length > 20_000 ? { status: 413, body: '' } : forward();
    await using session = await elasticsearch.connect(proxy.url);
    expect(await load(session, rows(50, 1000))).toMatchObject({ inserted: 50, rejected: [], count: 50 });
  });

  it('rejects what it cannot take by itself, with the reason of each', async () => {
    await using stage = await openStage();
    await using proxy = await FaultProxy.before(stage.url);
    proxy.fault = async (passing, forward) =>
      isBulk(passing) && passing.body.length > 30_000 ? { status: 413, body: '' } : forward();
    await using session = await elasticsearch.connect(proxy.url);
    const batch = rows(6);
    const huge: RowBatch = { ...batch, rows: [...batch.rows, [7n, 'y'.repeat(40_000)]] };
    const result = await load(session, huge);
    expect([result.inserted, result.count]).toEqual([6, 6]);
    expect(result.rejected).toMatchObject([{ index: 6, code: 'CONSTRAINT_VIOLATED' }]);
  });

  it('says which documents a strict mapping, or the type of a field, does not take', async () => {
    await using stage = await openStage();
    await stage.send('PUT', 'loaded', {
      mappings: { dynamic: 'strict', properties: { id: { type: 'long' }, text: { type: 'long' } } },
    });
    const result = await load(stage.session, {
      ...rows(0),
      rows: [
        [1n, '7'],
        [2n, 'seven'],
      ],
    });
    expect(result.rejected).toMatchObject([{ index: 1, key: '2', code: 'CONVERSION_FAILED' }]);
    expect(result.count).toBe(1);
  });
});

/** Lets every second item through; the others are refused as a shard with a full queue does, and never get to the server. */
async function everySecond(body: string, forward: (body: string) => Promise<Reply>): Promise<Reply> {
  const lines = body.trim().split('\n');
  const items = Array.from({ length: lines.length / 2 }, (_, index) => lines.slice(index * 2, index * 2 + 2));
  const reply = await forward(
    `${items
      .filter((_, index) => index % 2 === 0)
      .flat()
      .join('\n')}\n`,
  );
  const done = (JSON.parse(reply.body) as { items: object[] }).items;
  const refused = { create: { status: 429, error: busyError } };
  return { status: 200, body: JSON.stringify({ items: items.map((_, index) => (index % 2 === 0 ? done[index / 2] : refused)) }) };
}
