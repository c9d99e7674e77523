import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { checkOperation, type Migration, migrationChecksum, portableColumn, up } from '@polyshift/core';
import { startServer, type TestServer } from '@polyshift/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectStore } from '../src/connect.ts';
import { slotOf } from '../src/keys/slot.ts';
import { send, sendEach } from '../src/store.ts';
import { applied, type Connected, connectedTo } from './connected.ts';

const servers: TestServer[] = [];
let url = '';

/** A port that nobody listens on; the bus of a node would else be on its port and 10,000, which need not be one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Three masters without replicas, met and given their slots by hand. */
beforeAll(async () => {
  const buses: number[] = [];
  for (let node = 0; node < 3; node++) {
    const bus = await freePort();
    const settings = { 'cluster-enabled': 'yes', 'cluster-port': String(bus), 'cluster-node-timeout': '2000', appendonly: 'no' };
    servers.push(await startServer('redis', { kinds: ['native'], settings }));
    buses.push(bus);
  }
  const { Redis } = await import('ioredis');
  const ports = servers.map((server) => Number(new URL(server.url).port));
  const nodes = ports.map((port) => new Redis(port, '127.0.0.1', { protocol: 2 }));
  for (const [index, node] of nodes.entries()) {
    await node.call('CLUSTER', 'ADDSLOTSRANGE', String(index * 5461), String(index === 2 ? 16_383 : index * 5461 + 5460));
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const [index, port] of ports.entries())
    await nodes[0]!.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(buses[index]));
  await vi.waitFor(
    async () => {
      for (const node of nodes) expect(await node.cluster('INFO')).toMatch(/cluster_state:ok.*cluster_known_nodes:3/s);
    },
    { timeout: 30_000, interval: 100 },
  );
  for (const node of nodes) node.disconnect();
  url = servers[0]!.url;
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

function renameTo(new_name: string): Migration {
  const operations = [checkOperation({ type: 'rename_collection', collection: 'users', data: { new_name } })];
  return { version: '1', name: 'rename', operations, checksum: migrationChecksum({ operations }), file: '1.json' };
}

async function withUsers(prefix: string, collection = 'users', count = 300): Promise<Connected> {
  const at = new URL(url);
  at.searchParams.set('key_prefix', prefix);
  const cluster = await connectedTo(at.href, async () => undefined, 100);
  const columns = [
    portableColumn('id', { kind: 'int64' }, false),
    portableColumn('name', { kind: 'text' }),
    portableColumn('age', { kind: 'int32' }),
  ];
  const target = {
    collection,
    columns,
    dynamic: false,
    key: ['id'],
    mode: 'insert' as const,
    on_loss: 'nearest' as const,
    aside: 'users',
  };
  const { undo } = await cluster.session.sink!.plan(target);
  await using writer = await cluster.session.sink!.open(target, undo);
  const rows = Array.from({ length: count }, (_, index) => [BigInt(index), `name ${index}`, index % 90]);
  const { inserted } = await writer.write(writer.encode({ kind: 'rows', columns, rows }).batch, { replay: false });
  expect(inserted).toBe(count);
  return cluster;
}

describe('a cluster', () => {
  it('is found out on connecting, and its slots are computed as it does', async () => {
    const store = await connectStore(url);
    expect(store.server.features['cluster']).toBe(true);
    const keys = ['a', 'users:1', '{tag}x', 'a{}b', 'a{b}c{d}', '日本', 'a}b{c}'];
    const slots = await Promise.all(keys.map((key) => send({ client: store.client, cluster: true }, 'cluster', 'keyslot', key)));
    expect(keys.map((key) => slotOf(Buffer.from(key)))).toEqual(slots);
    store.client.disconnect();
  });

  it('is loaded, read in partitions, changed, renamed and brought back over all its nodes', async () => {
    await using cluster = await withUsers('c1:');
    const { session, store } = cluster;
    expect(await session.count('users', { age: { lt: 45 } })).toBe(165);
    await using scan = await session.source!.scan({ collection: 'users' });
    const seen = new Set<string>();
    for (const partition of await scan.partitions(3))
      for await (const { batch } of scan.read(partition, { batch_size: 50 }))
        if (batch.kind === 'documents') for (const document of batch.documents) seen.add(String(batch.get(document, 'id')));
    expect(seen.size).toBe(300);

    const when = Date.now() + 3_600_123;
    await cluster.app('pexpireat', 'users:7', when);
    const before = await session.fingerprint('users');
    const run = await applied(
      session,
      { type: 'migrate_data', collection: 'users', data: { pipeline: [{ $set: { age: { $add: ['$age', 1] } } }] } },
      { type: 'rename_collection', collection: 'users', data: { new_name: 'people' } },
      { type: 'change_encoding', collection: 'people', data: { to: 'json' } },
      { type: 'drop_collection', collection: 'people', data: {} },
    );
    expect(Object.keys((await session.introspect()).collections)).toEqual([]);
    await run.back('3');
    expect(String(await cluster.app('get', 'people:7'))).toBe('{"name":"name 7","age":8}');
    expect(await cluster.app('pexpiretime', 'people:7')).toBe(when);
    await run.back();
    expect(await session.fingerprint('users')).toEqual(before);
    const types = await sendEach(
      store,
      ['1', '7', '8'].map((id) => ['type', store.keys.row('users', id)] as const),
    );
    expect(types.map(String)).toEqual(['hash', 'hash', 'hash']);
  });

  it('moves a key between nodes with what the application has written into it while it was copied', async () => {
    await using cluster = await withUsers('c5:', 'users', 1);
    const { session, store } = cluster;
    expect(slotOf(store.keys.row('users', '0'))).not.toBe(slotOf(store.keys.row('people', '0')));
    let copies = 0;
    // Between the copy and the deletion of the original: a value the first time, a time to live the second.
    const fault = async (place: string): Promise<void> => {
      if (place !== 'rename_collection.copied') return;
      copies++;
      if (copies === 1) await cluster.app('hset', 'users:0', 'late', 'yes');
      if (copies === 2) await cluster.app('pexpireat', 'users:0', 4_102_444_800_000);
    };
    await up({ session, migrations: [renameTo('people')], fault });
    expect(copies).toBe(3);
    expect(await session.count('people', { late: 'yes' })).toBe(1);
    expect(await cluster.app('pexpiretime', 'people:0')).toBe(4_102_444_800_000);
    expect(await cluster.app('exists', 'users:0')).toBe(0);
  });

  it('refuses an index without a hash tag, and keeps one with', async () => {
    await using plain = await withUsers('c2:', 'users', 10);
    const index = { type: 'create_index', collection: 'users', data: { name: 'by_age', keys: { age: 1 } } } as const;
    await expect(applied(plain.session, index)).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringContaining('hash tag'),
    });
    await using tagged = await withUsers('c3:', '{users}', 50);
    const run = await applied(
      tagged.session,
      { ...index, collection: '{users}' },
      { type: 'migrate_data', collection: '{users}', data: { pipeline: [{ $set: { age: 5 } }] } },
    );
    expect(await send(tagged.store, 'zcount', 'c3:polyshift:index:{users}:by_age', 5, 5)).toBe(50);
    await run.back();
    expect(await send(tagged.store, 'exists', 'c3:polyshift:index:{users}:by_age')).toBe(0);
  });

  it('loads a stream beside its entries', async () => {
    await using cluster = await withUsers('c4:', 'seed', 1);
    const columns = [portableColumn('id', { kind: 'int64' }, false)];
    const target = {
      collection: 'events',
      columns,
      dynamic: false,
      key: ['id'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'e',
      params: { encoding: 'stream' },
    };
    const { undo } = await cluster.session.sink!.plan(target);
    await using writer = await cluster.session.sink!.open(target, undo);
    const { batch } = writer.encode({ kind: 'rows', columns, rows: [[1n], [2n]] });
    expect((await writer.write(batch, { replay: false })).inserted).toBe(2);
    expect((await writer.write(batch, { replay: true })).already_there).toBe(2);
    expect(await cluster.app('xlen', 'events')).toBe(2);
  });
});
