import type { Batch, JsonValue, Partition } from '@polyshift/core';
import { elasticsearch } from '@polyshift/elasticsearch';
import { describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import { openStage, type Stage } from './stage.ts';

const ids = (batch: Batch): string[] =>
  batch.kind === 'documents' ? batch.documents.map((document) => (document as { id: string }).id) : [];

/** Ninety documents in three shards. */
async function events(stage: Stage): Promise<string[]> {
  await stage.send('PUT', 'events', { settings: { number_of_shards: 3, number_of_replicas: 0 } });
  const all = Array.from({ length: 90 }, (_, index) => `e${index}`);
  const lines = all.flatMap((id, index) => [JSON.stringify({ index: { _id: id } }), JSON.stringify({ n: index })]);
  await stage.send('POST', 'events/_bulk?refresh=true', `${lines.join('\n')}\n`);
  return all.sort();
}

describe('a scan', () => {
  it.each([1, 4])('reads several shards in %i partitions, each document once', async (want) => {
    await using stage = await openStage();
    const all = await events(stage);
    await using scan = await stage.session.source!.scan({ collection: 'events' });
    const partitions = await scan.partitions(want);
    expect(partitions.length).toBe(want);
    const seen: string[] = [];
    for (const partition of partitions)
      for await (const { batch } of scan.read(partition, { batch_size: 4 })) seen.push(...ids(batch));
    expect(seen.sort()).toEqual(all);
  });

  it('goes on in another process, and misses nothing that was written in between', async () => {
    await using stage = await openStage();
    const all = await events(stage);
    const seen: string[] = [];
    let left: { partition: Partition; after: JsonValue }[];
    {
      await using scan = await stage.session.source!.scan({ collection: 'events' });
      left = [];
      for (const partition of await scan.partitions(3)) {
        for await (const { batch, last_key } of scan.read(partition, { batch_size: 5 })) {
          seen.push(...ids(batch));
          left.push({ partition, after: last_key });
          break;
        }
      }
    }
    const unread = all.filter((id) => !seen.includes(id));
    for (const id of unread.slice(0, 10)) await stage.send('PUT', `events/_doc/${id}`, { n: -1 });
    await using other = await elasticsearch.connect(stage.url);
    await using scan = await other.source!.scan({ collection: 'events' });
    for (const { partition, after } of JSON.parse(JSON.stringify(left)) as typeof left)
      for await (const { batch } of scan.read(partition, { batch_size: 5, after })) seen.push(...ids(batch));
    expect([...new Set(seen)].sort()).toEqual(all);
  });

  it('goes on from a new snapshot where the server has given the old one up', async () => {
    await using stage = await openStage();
    const all = await events(stage);
    await using proxy = await FaultProxy.before(stage.url);
    let searches = 0;
    proxy.fault = async (passing, forward) => {
      const pit = passing.path.startsWith('/_search') ? (JSON.parse(passing.body) as { pit?: { id: string } }).pit : undefined;
      if (pit && ++searches % 3 === 0) await proxy.forward({ method: 'DELETE', path: '/_pit' }, JSON.stringify({ id: pit.id }));
      return forward();
    };
    await using session = await elasticsearch.connect(proxy.url);
    await using scan = await session.source!.scan({ collection: 'events' });
    const seen: string[] = [];
    for (const partition of await scan.partitions(2))
      for await (const { batch } of scan.read(partition, { batch_size: 4 })) seen.push(...ids(batch));
    expect(searches).toBeGreaterThan(6);
    expect(seen.sort()).toEqual(all);
  });

  it('keeps numbers to the digit, fields in their order, null apart from missing, and dots apart from nesting', async () => {
    await using stage = await openStage();
    await stage.send('PUT', 'odd/_doc/1', '{"z":12345678901234567890.50,"1":1.0,"a.b":1,"a":{"c":[1,null,2]},"n":null}');
    await using scan = await stage.session.source!.scan({ collection: 'odd' });
    for (const partition of await scan.partitions(1))
      for await (const { batch } of scan.read(partition, { batch_size: 10 })) {
        if (batch.kind !== 'documents') throw new Error('documents were expected');
        const document = batch.decode(batch.documents[0]);
        expect([...document.keys()]).toEqual(['_id', 'z', '1', 'a.b', 'a', 'n']);
        expect(document.get('z')).toMatchObject({ type: { kind: 'decimal' }, value: '12345678901234567890.50' });
        expect(document.get('1')).toMatchObject({ type: { kind: 'float64' }, value: 1 });
        expect(batch.get(batch.documents[0], 'missing')).toBeUndefined();
        expect(batch.get(batch.documents[0], 'n')).toBeNull();
        expect(batch.decodeValue(batch.get(batch.documents[0], 'a.c'))).toEqual([1n, null, 2n]);
      }
  });

  it('reads an index that has nothing yet, no mapping either', async () => {
    await using stage = await openStage();
    await stage.send('PUT', 'empty', { settings: { number_of_replicas: 0 } });
    await using scan = await stage.session.source!.scan({ collection: 'empty' });
    expect(await scan.count()).toBe(0);
    expect(await stage.session.fingerprint('empty')).toMatchObject({ count: 0 });
  });

  it('reads an alias over several indices, and only reads it', async () => {
    await using stage = await openStage();
    for (const month of ['01', '02']) {
      await stage.send('PUT', `logs-${month}`, { aliases: { [`${stage.prefix}logs`]: {} }, settings: { number_of_replicas: 0 } });
      await stage.send('PUT', `logs-${month}/_doc/${month}`, { month });
    }
    await using scan = await stage.session.source!.scan({ collection: 'logs' });
    const seen: string[] = [];
    for (const partition of await scan.partitions(2))
      for await (const { batch } of scan.read(partition, { batch_size: 1 })) seen.push(...ids(batch));
    expect(seen.sort()).toEqual(['01', '02']);
    expect((await stage.session.introspect()).collections['logs']?.kind).toBe('view');
    const target = {
      collection: 'logs',
      columns: [],
      dynamic: true,
      key: ['_id'],
      mode: 'insert',
      on_loss: 'nearest',
      aside: 'l',
    } as const;
    await expect(stage.session.sink!.plan(target)).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
  });
});
