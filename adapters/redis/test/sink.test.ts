import { type LoadUndo, portableColumn, type RowBatch, type SinkTarget, type WriteResult } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { type Connected, connected } from './connected.ts';

const columns = [
  portableColumn('id', { kind: 'int64' }, false),
  portableColumn('name', { kind: 'text' }),
  portableColumn('at', { kind: 'timestamptz' }),
];
const batch = (from: number, to: number): RowBatch => ({
  kind: 'rows',
  columns,
  rows: Array.from({ length: to - from }, (_, index) => [
    BigInt(from + index),
    `name ${from + index}`,
    index % 2 ? null : '2024-02-29T00:00:00.000001Z',
  ]),
});
const target = (change: Partial<SinkTarget> = {}): SinkTarget => ({
  collection: 'events',
  columns,
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load',
  ...change,
});

async function load(
  { session }: Connected,
  to: SinkTarget,
  rows: RowBatch,
  replay = false,
): Promise<{ undo: LoadUndo; result: WriteResult }> {
  const { undo } = await session.sink!.plan(to);
  await using writer = await session.sink!.open(to, undo);
  const result = await writer.write(writer.encode(rows).batch, { replay });
  await writer.finish();
  return { undo, result };
}

async function documents({ session }: Connected): Promise<string[]> {
  await using scan = await session.source!.scan({ collection: 'events' });
  const found: string[] = [];
  for (const partition of await scan.partitions(3))
    for await (const { batch: read } of scan.read(partition, { batch_size: 4 }))
      if (read.kind === 'documents')
        for (const each of read.documents) found.push(String([...read.decode(each).values()].map(String)));
  return found;
}

describe('a load', () => {
  it('as JSON has one string a row, that other programs read', async () => {
    await using it = await connected();
    await load(it, target({ params: { encoding: 'json', ttl_seconds: 100 } }), batch(0, 3));
    expect(String(await it.app('get', 'events:0'))).toBe('{"name":"name 0","at":"2024-02-29T00:00:00.000001Z"}');
    expect(String(await it.app('get', 'events:1'))).toBe('{"name":"name 1","at":null}');
    expect(Number(await it.app('pttl', 'events:1'))).toBeGreaterThan(90_000);
  });

  it('gives the types of `columns` to fields of documents', async () => {
    await using it = await connected();
    const to = target({ columns: [], dynamic: true, params: { columns: { name: 'text', n: 'int64' } } });
    const { undo } = await it.session.sink!.plan(to);
    await using writer = await it.session.sink!.open(to, undo);
    const rows = {
      ...batch(0, 1),
      columns: [columns[0]!, portableColumn('n', { kind: 'int64' }), portableColumn('other', { kind: 'int64' })],
      rows: [[1n, 5n, 6n]],
    };
    await writer.write(writer.encode(rows).batch, { replay: false });
    expect([String(await it.app('hget', 'events:1', 'n')), String(await it.app('hget', 'events:1', 'other'))]).toEqual([
      '5',
      '\0int64:6',
    ]);
  });

  it('rejects a row without a key, and a field whose name would be of polyshift', async () => {
    await using it = await connected();
    const odd = [...columns, portableColumn('\0json', { kind: 'text' })];
    const { undo } = await it.session.sink!.plan(target({ columns: odd }));
    await using writer = await it.session.sink!.open(target({ columns: odd }), undo);
    const { rejected, batch: encoded } = writer.encode({
      kind: 'rows',
      columns: odd,
      rows: [
        [null, 'a'],
        [1n, 'a', null, 'b'],
        [2n, 'a', null],
      ],
    });
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'ROW_REJECTED'],
      [1, 'CONVERSION_FAILED'],
    ]);
    expect((await writer.write(encoded, { replay: false })).inserted).toBe(1);
  });

  it('refuses a filled collection without a definition, and other options than its own', async () => {
    await using it = await connected();
    await it.app('hset', 'events:1', 'a', 1);
    await expect(it.session.sink!.plan(target())).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    await expect(it.session.sink!.plan(target({ collection: 'x', params: { shards: 2 } }))).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
    await expect(it.session.sink!.plan(target({ collection: '{polyshift}' }))).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
  });
});

describe('a load into a stream', () => {
  const stream = (change: Partial<SinkTarget> = {}) => target({ params: { encoding: 'stream' }, ...change });

  it('appends each row once, however often a chunk comes, and reads back', async () => {
    await using it = await connected();
    await load(it, stream(), batch(0, 6));
    await load(it, stream(), batch(4, 10), true);
    expect(await it.app('xlen', 'events')).toBe(10);
    const found = await documents(it);
    expect(found).toHaveLength(10);
    expect(found[0]).toBe('0,name 0,[object Object]');
    const entry = (await it.app('xrange', 'events', '-', '+', 'COUNT', 1)) as unknown as [[Buffer, Buffer[]]];
    expect(entry[0][1].map(String)).toEqual(['id', '0', 'name', 'name 0', 'at', '2024-02-29T00:00:00.000001Z']);
    expect((await it.session.introspect()).collections['events']).toMatchObject({
      options: { encoding: 'stream' },
      approximate_count: 10,
    });
  });

  it('is rolled back to nothing where it made the stream, and to what was there where it did not', async () => {
    await using it = await connected();
    const first = await load(it, stream(), batch(0, 5));
    const before = await it.session.fingerprint('events');
    const second = await load(it, stream({ aside: 'more', mode: 'ignore' }), batch(3, 8));
    expect(second.result).toMatchObject({ inserted: 3, already_there: 2 });
    for await (const _ of it.session.sink!.rollback(second.undo, 3));
    await it.session.sink!.discard(second.undo);
    expect(await it.session.fingerprint('events')).toEqual(before);
    for await (const _ of it.session.sink!.rollback(first.undo, 5));
    expect(await it.store.client.keys(`${it.store.keys.prefix}*`)).toEqual([]);
  });

  it('refuses to replace entries, and operations refuse to change them', async () => {
    await using it = await connected();
    await expect(it.session.sink!.plan(stream({ mode: 'upsert' }))).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    await load(it, stream(), batch(0, 2));
    const operation = { type: 'remove_field', collection: 'events', data: { field_name: 'name' }, batch_size: 10 } as const;
    const checks = await it.session.operations.remove_field!.check(operation);
    expect(checks).toMatchObject([{ check: 'collection_kind', status: 'FAILED' }]);
  });
});
