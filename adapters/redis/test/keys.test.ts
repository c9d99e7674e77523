import { portableColumn } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { collectKeys } from '../src/keys/key-list.ts';
import { bytesOf, nameOf } from '../src/keys/names.ts';
import { applied, connected, connectedTo } from './connected.ts';

const odd = ['1', 'a:b', '*', '[x]?', 'é', '\u{1f600}', '', ' '];

describe('keys', () => {
  it('are found by their beginning alone, whatever signs are in it', async () => {
    await using it = await connected();
    for (const id of odd) await it.app('hset', `we*rd:[${'x'}]:${id}`, 'a', 1);
    await it.app('hset', 'wexrd:[x]:1', 'a', 1);
    expect(await it.session.count('we*rd:[x]')).toBe(odd.length);
    await using keys = await collectKeys(it.store, 'we*rd:[x]');
    expect(await keys.page(undefined, undefined, 100)).toEqual(
      [...odd].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
    );
  });

  it('that are no UTF-8 come back byte by byte, names of fields too', async () => {
    await using it = await connected();
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    expect(bytesOf(nameOf(bytes))).toEqual(bytes);
    await it.store.client.hset(Buffer.concat([Buffer.from(`${it.store.keys.prefix}bin:`), bytes]), bytes, bytes);
    const before = await it.session.fingerprint('bin');
    const run = await applied(it.session, { type: 'add_field', collection: 'bin', data: { field_name: 'n', default_value: 1 } });
    expect(await it.store.client.hlen(Buffer.concat([Buffer.from(`${it.store.keys.prefix}bin:`), bytes]))).toBe(2);
    await run.back();
    expect(await it.session.fingerprint('bin')).toEqual(before);
  });

  it('of a collection within another one belong to it once it is defined', async () => {
    await using it = await connected();
    await it.app('hset', 'users:1', 'a', 1);
    await applied(it.session, {
      type: 'create_collection',
      collection: 'users:archive',
      data: { fields: [{ name: 'id', type: 'int64' }], key: ['id'] },
    });
    await it.app('hset', 'users:archive:5', 'a', 1);
    expect(await it.session.count('users')).toBe(1);
    expect(await it.session.count('users:archive')).toBe(1);
    expect(Object.keys((await it.session.introspect()).collections)).toEqual(['users', 'users:archive']);
  });

  it('of more rows than fit in memory are sorted by the server, and read on by another process behind the same key', async () => {
    await using it = await connected(10);
    await Promise.all(Array.from({ length: 250 }, (_, index) => it.app('hset', `many:${index}`, 'n', index)));
    await using scan = await it.session.source!.scan({ collection: 'many' });
    const seen: string[] = [];
    const [first, second] = await scan.partitions(2);
    let after: unknown;
    for await (const { batch, last_key } of scan.read(first!, { batch_size: 20 })) {
      if (batch.kind === 'documents') seen.push(...batch.documents.map((each) => String(batch.get(each, 'id'))));
      after = last_key;
      if (seen.length >= 60) break;
    }
    await it.app('unlink', 'many:100');
    await using other = await connectedTo(it.url, async () => undefined, 10);
    await using again = await other.session.source!.scan({ collection: 'many' });
    for (const [partition, behind] of [
      [first!, after],
      [second!, undefined],
    ] as const) {
      for await (const { batch } of again.read(partition, { batch_size: 33, after: behind as string }))
        if (batch.kind === 'documents') seen.push(...batch.documents.map((each) => String(batch.get(each, 'id'))));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen, '100'].filter((id, index, all) => all.indexOf(id) === index)).toHaveLength(250);
  });

  it('of a list that the server has forgotten are collected again', async () => {
    await using it = await connected(10);
    await Promise.all(Array.from({ length: 40 }, (_, index) => it.app('hset', `many:${index}`, 'n', index)));
    await using keys = await collectKeys(it.store, 'many');
    const [first] = await keys.page(undefined, undefined, 1);
    for (const key of await it.store.client.keys(`${it.store.keys.prefix}polyshift:scan:*`)) {
      expect(await it.store.client.ttl(key)).toBeGreaterThan(3000);
      await it.store.client.unlink(key);
    }
    expect(await keys.page(first, undefined, 100)).toHaveLength(39);
  });

  it('of several fields are told apart, colons and all', async () => {
    await using it = await connected();
    const columns = [portableColumn('a', { kind: 'text' }, false), portableColumn('b', { kind: 'int32' }, false)];
    const target = {
      collection: 'pairs',
      columns,
      dynamic: false,
      key: ['a', 'b'],
      mode: 'insert' as const,
      on_loss: 'nearest' as const,
      aside: 'p',
    };
    const { undo } = await it.session.sink!.plan(target);
    await using writer = await it.session.sink!.open(target, undo);
    const rows = [
      ['x:1', 2],
      ['x', 12],
      ['%3A', 0],
    ];
    expect((await writer.write(writer.encode({ kind: 'rows', columns, rows }).batch, { replay: false })).inserted).toBe(3);
    expect(await it.app('exists', 'pairs:x%3A1:2')).toBe(1);
    await using scan = await it.session.source!.scan({ collection: 'pairs' });
    const found: unknown[] = [];
    for (const partition of await scan.partitions(1))
      for await (const { batch } of scan.read(partition, { batch_size: 10 }))
        if (batch.kind === 'documents') for (const each of batch.documents) found.push([...batch.decode(each).values()]);
    expect(found.sort()).toEqual(rows.sort());
  });
});
