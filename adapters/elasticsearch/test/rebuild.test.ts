import { setTimeout as pause } from 'node:timers/promises';
import { down, finalize, keepThrottle, type RunEvent, up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migrationOf, openStage, type Stage } from './stage.ts';

const rename = migrationOf({
  type: 'rename_field',
  collection: 'users',
  data: { old_name: 'mail', new_name: 'email' },
  batch_size: 10,
});

/** Twenty documents that the application has written itself: into an alias over an index, or into a plain index. */
async function users(stage: Stage, kind: 'alias' | 'plain'): Promise<void> {
  const mappings = { properties: { mail: { type: 'keyword' }, n: { type: 'double' } } };
  const aliases = kind === 'alias' ? { aliases: { [`${stage.prefix}users`]: {} } } : {};
  await stage.send('PUT', kind === 'alias' ? 'users_v1' : 'users', {
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    mappings,
    ...aliases,
  });
  for (let id = 0; id < 20; id++)
    await stage.send('PUT', `users/_doc/${id}`, `{"z": 1.0, "mail":"m${id}",  "n":12345678901234567890.50}`);
}

describe('a new index in place of the old one', () => {
  it.each(['alias', 'plain'] as const)(
    'keeps every digit and the order of fields, and comes back to the %s that it was',
    async (kind) => {
      await using stage = await openStage();
      await users(stage, kind);
      const before = await stage.session.fingerprint('users');
      const runner = { session: stage.session, migrations: [rename] };
      await up(runner);
      expect(await stage.source('users', '3')).toBe('{"z":1.0,"email":"m3","n":12345678901234567890.50}');
      await down(runner);
      expect(await stage.session.fingerprint('users')).toEqual(before);
      expect(Object.keys(await stage.send('GET', 'users/_settings'))).toEqual([
        `${stage.prefix}${kind === 'alias' ? 'users_v1' : 'users'}`,
      ]);
    },
  );

  it('is not held by a limit while writes wait for the name to move', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const { session } = stage;
    let blocked = false;
    const fault = async (place: string): Promise<void> => {
      // The last of these is right before writes are blocked: what it writes is copied behind that.
      if (place === 'guard' && !blocked) await stage.send('PUT', 'users/_doc/3', '{"mail":"m3","n":1}');
      if (place !== 'rename_field.blocked') return;
      blocked = true;
      await keepThrottle(session.journal, { paused: true });
      // For so long a run goes by what it has found out about its limits.
      await pause(1100);
    };
    await up({ session, migrations: [rename], fault });
    expect(await stage.source('users', '3')).toContain('"email":"m3"');
  });

  it('loses nothing of what the application writes while it is built', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    let wrote = false;
    // In the middle of the copy: a new document, a changed one that was copied already, and one that goes.
    const fault = async (place: string): Promise<void> => {
      if (place !== 'rename_field.copied' || wrote) return;
      wrote = true;
      await stage.send('PUT', 'users/_doc/new', { mail: 'late' });
      for (let id = 0; id < 20; id += 2) await stage.send('PUT', `users/_doc/${id}`, { mail: `changed ${id}` });
      await stage.send('DELETE', 'users/_doc/1');
    };
    await up({ session: stage.session, migrations: [rename], fault });
    expect(wrote).toBe(true);
    expect(await stage.source('users', 'new')).toBe('{"email":"late"}');
    for (let id = 0; id < 20; id += 2) expect(await stage.source('users', String(id))).toBe(`{"email":"changed ${id}"}`);
    expect(await stage.source('users', '1')).toBeUndefined();
    expect(await stage.session.count('users')).toBe(20);
  });

  it('carries back what the application has written since', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const runner = { session: stage.session, migrations: [rename] };
    await up(runner);
    await stage.send('PUT', 'users/_doc/2', { email: 'changed', more: true });
    await stage.send('PUT', 'users/_doc/new', { email: 'new' });
    await stage.send('DELETE', 'users/_doc/4');
    await down(runner);
    expect(await stage.source('users', '2')).toBe('{"mail":"changed","more":true}');
    expect(await stage.source('users', 'new')).toBe('{"mail":"new"}');
    expect(await stage.source('users', '4')).toBeUndefined();
    expect(await stage.source('users', '3')).toBe('{"z": 1.0, "mail":"m3",  "n":12345678901234567890.50}');
    expect(await stage.session.count('users')).toBe(20);
  });

  it('is proven while the application goes on writing', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const runner = { session: stage.session, migrations: [rename] };
    await up(runner);
    let written = 0;
    const writing = (async () => {
      for (; written < 20; written++) await stage.send('PUT', `users/_doc/${written}`, { email: `changed ${written}` });
    })();
    const reports = [];
    do reports.push(await verify(runner));
    while (written < 20);
    await writing;
    expect(reports.flatMap(({ checks }) => checks.filter(({ status }) => status === 'FAILED'))).toEqual([]);
    expect((await verify(runner)).checks).toContainEqual(expect.objectContaining({ data: { count: 20, written: 20 } }));
  });

  it('gives a removed field back, in its place, to documents that were written since', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const remove = migrationOf({ type: 'remove_field', collection: 'users', data: { field_name: 'mail' } });
    const runner = { session: stage.session, migrations: [remove] };
    await up(runner);
    await stage.send('PUT', 'users/_doc/2', { z: 2, n: 3 });
    await down(runner);
    expect(await stage.source('users', '2')).toBe('{"z":2,"mail":"m2","n":3}');
  });

  it('refuses to go back, and names the document, where a value has no form in the old type', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const retype = migrationOf({ type: 'change_type', collection: 'users', data: { field_name: 'z', to: 'text' } });
    const runner = { session: stage.session, migrations: [retype] };
    await up(runner);
    expect(await stage.source('users', '2')).toContain('"z":"1"');
    for (let id = 0; id < 20; id++)
      await stage.send('PUT', `users/_doc/${id}`, { z: id === 2 ? 'no number' : '1', mail: `m${id}` });
    await expect(down(runner)).rejects.toMatchObject({
      code: 'WRITTEN_SINCE',
      message: expect.stringContaining(': 2') as string,
    });
    await stage.send('PUT', 'users/_doc/2', { z: '2' });
    await down(runner);
    expect(await stage.source('users', '2')).toBe('{"z":2.0}');
    expect(await stage.source('users', '3')).toBe('{"z":1.0,"mail":"m3"}');
  });

  it('keeps the old index, out of sight and unwritable, until the migration is finalized', async () => {
    await using stage = await openStage();
    await users(stage, 'alias');
    const events: RunEvent[] = [];
    const runner = { session: stage.session, migrations: [rename], emit: (event: RunEvent) => void events.push(event) };
    await up(runner);
    expect(Object.keys((await stage.session.introspect()).collections)).toEqual(['users']);
    expect(await stage.send('PUT', 'users_v1/_doc/1', {})).toMatchObject({ error: { type: 'cluster_block_exception' } });
    await finalize(runner, { version: '1' });
    expect(await stage.send('GET', 'users_v1')).toMatchObject({ status: 404 });
    await expect(down(runner)).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
  });

  it('renames a field in nested objects, in arrays and under its whole name, and follows aliases of the field', async () => {
    await using stage = await openStage();
    await stage.send('PUT', 'orders', {
      settings: { number_of_shards: 1, number_of_replicas: 0 },
      mappings: {
        properties: { items: { properties: { price: { type: 'double' } } }, cost: { type: 'alias', path: 'items.price' } },
      },
    });
    await stage.send('PUT', 'orders/_doc/1', '{"items":[{"price":1.50,"n":1},{"n":2}]}');
    await stage.send('PUT', 'orders/_doc/2', '{"items.price":2.50,"x":null}');
    await stage.send('PUT', 'orders/_doc/3', '{"items":{"price":null}}');
    const nested = migrationOf({
      type: 'rename_field',
      collection: 'orders',
      data: { old_name: 'items.price', new_name: 'amount' },
    });
    await up({ session: stage.session, migrations: [nested] });
    expect(await stage.source('orders', '1')).toBe('{"items":[{"amount":1.50,"n":1},{"n":2}]}');
    expect(await stage.source('orders', '2')).toBe('{"items.amount":2.50,"x":null}');
    expect(await stage.source('orders', '3')).toBe('{"items":{"amount":null}}');
    const { fields } = (await stage.session.introspect()).collections['orders']!;
    expect(fields.map(({ name }) => name).sort()).toEqual(['cost', 'items.amount', 'items.n']);
  });

  it('takes the documents of an index that a write has made in the moment without a name', async () => {
    await using stage = await openStage();
    await users(stage, 'plain');
    const runner = { session: stage.session, migrations: [rename] };
    await up(runner);
    let wrote = false;
    const fault = async (place: string): Promise<void> => {
      if (place !== 'rename_field.released' || wrote) return;
      wrote = true;
      await stage.send('PUT', 'users/_doc/between', { mail: 'kept' });
    };
    await down({ ...runner, fault });
    expect(wrote).toBe(true);
    expect(await stage.source('users', 'between')).toBe('{"mail":"kept"}');
    expect(await stage.session.count('users')).toBe(21);
  });
});
