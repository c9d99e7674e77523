import { down, journalFormat, type RunRecord, up } from '@polyshift/core';
import { elasticsearch } from '@polyshift/elasticsearch';
import { describe, expect, it } from 'vitest';
import { nameOf, versionedName } from '../src/collection/names.ts';
import type { Store } from '../src/store.ts';
import { parseUrl } from '../src/url.ts';
import { migrationOf, openStage } from './stage.ts';

describe('a URL', () => {
  it.each([
    ['http://h:9200', { node: 'http://h:9200', prefix: '' }],
    [
      'elasticsearch://u:p%40ss@h:9200/?index_prefix=a_',
      { node: 'http://h:9200', prefix: 'a_', auth: { username: 'u', password: 'p@ss' } },
    ],
    ['elasticsearch+https://h/es/?api_key=k', { node: 'https://h/es', prefix: '', auth: { apiKey: 'k' } }],
  ])('%s', (url, address) => {
    expect(parseUrl(url)).toEqual(address);
  });

  it.each(['ftp://h', 'http://h/?prefix=a', 'http://h/?index_prefix=A_', 'http://h/?index_prefix=_a', 'nothing'])(
    '%s is refused',
    (url) => {
      expect(() => parseUrl(url)).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT' }) as Error);
    },
  );
});

describe('names', () => {
  const store = { prefix: 'p_' } as Store;

  it('of indices behind an alias count up, and are never taken twice', () => {
    expect(versionedName(store, 'users', new Set())).toBe('p_users_v1');
    expect(versionedName(store, 'users', new Set(['p_users_v1', 'p_users_v2']))).toBe('p_users_v3');
    expect(versionedName(store, 'Users_v7', new Set(['p_users_v1']))).toBe('p_users_v2');
  });

  it.each(['a b', 'a/b', 'a*', 'a,b', 'a"; drop table b; --', 'x'.repeat(250)])(
    'that Elasticsearch does not take are refused: %s',
    (name) => {
      expect(() => nameOf(store, name)).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT' }) as Error);
    },
  );
});

describe('the journal', () => {
  it('does not let a holder that was slow write over what the next one has written', async () => {
    await using stage = await openStage();
    const { journal, locks } = stage.session;
    await journal.ensure();
    const holder = { id: 'a', host: 'h', pid: 1, command: 'up' };
    const record: RunRecord = {
      run_id: 'r',
      command: 'up',
      versions: [],
      started_at: '2024-01-01T00:00:00.000Z',
      ended_at: null,
      outcome: 'running',
      holder,
      format: journalFormat,
    };
    const first = await locks.acquire('l', holder, 30_000);
    if (!first.acquired) throw new Error('a free lock was not given');
    await locks.breakLock('l');
    const second = await locks.acquire('l', { ...holder, id: 'b' }, 30_000);
    if (!second.acquired) throw new Error('a free lock was not given');
    await journal.put('run', 'r', { ...record, command: 'second' }, { lock: 'l', token: second.token });
    // The moment between the check and the write, made long: the lock is given back with the old token in it.
    await stage.send('POST', 'polyshift_journal/_update/lock:l', { doc: { token: first.token } });
    await expect(journal.put('run', 'r', record, { lock: 'l', token: first.token })).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect((await journal.get('run', 'r'))?.command).toBe('second');
  });

  it('keeps the history for people to search', async () => {
    await using stage = await openStage();
    await up({ session: stage.session, migrations: [migrationOf({ type: 'create_collection', collection: 'a', data: {} })] });
    await stage.send('POST', 'schema_migrations/_refresh');
    const found = await stage.send('POST', 'schema_migrations/_search', { query: { term: { state: 'applied' } } });
    expect(found).toMatchObject({ hits: { hits: [{ _source: { version: '1', is_running: false, steps_done: 1 } }] } });
  });
});

describe('collections', () => {
  it('are made behind an alias, with the key in the mapping and what the options say', async () => {
    await using stage = await openStage();
    const create = migrationOf({
      type: 'create_collection',
      collection: 'Orders',
      data: {
        fields: [
          { name: 'id', type: 'int64', nullable: false },
          { name: 'total', type: '{"type":"double","coerce":false}' },
          { name: 'at', type: 'timestamp' },
        ],
        key: ['id'],
        options: { settings: { number_of_replicas: 0 }, mappings: { dynamic: 'strict' }, aliases: { orders_read: {} } },
      },
    });
    await up({ session: stage.session, migrations: [create] });
    const { key, fields, options } = (await stage.session.introspect(['Orders'])).collections['Orders']!;
    expect(key).toEqual(['id']);
    expect(fields).toMatchObject([
      { name: 'at', type: { kind: 'timestamp' }, native: 'date' },
      { name: 'id', type: { kind: 'int64' } },
      { name: 'total', native: 'double', options: { coerce: false } },
    ]);
    expect(options).toMatchObject({ stored_as: 'alias', mappings: { dynamic: 'strict' }, 'index.number_of_replicas': '0' });
    expect(Object.keys(await stage.send('GET', 'orders_read/_mapping'))).toEqual([`${stage.prefix}orders_v1`]);
    await down({ session: stage.session, migrations: [create] });
    expect((await stage.session.introspect()).collections).toEqual({});
  });

  it('refuse a load by another key than their own', async () => {
    await using stage = await openStage();
    await up({
      session: stage.session,
      migrations: [migrationOf({ type: 'create_collection', collection: 'a', data: { key: ['id'] } })],
    });
    const target = {
      collection: 'a',
      columns: [],
      dynamic: true,
      key: ['other'],
      mode: 'insert',
      on_loss: 'nearest',
      aside: 'x',
    } as const;
    await expect(stage.session.sink!.plan(target)).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
  });

  it('whose names are aliases of one index are listed once', async () => {
    await using stage = await openStage();
    await stage.send('PUT', 'users_v1', { aliases: { [`${stage.prefix}users`]: {} }, settings: { number_of_replicas: 0 } });
    await stage.send('PUT', 'plain', { settings: { number_of_replicas: 0 } });
    await using other = await elasticsearch.connect(stage.url);
    expect(Object.keys((await other.introspect()).collections)).toEqual(['plain', 'users']);
    expect((await other.introspect(['users_v1'])).collections['users_v1']?.kind).toBe('collection');
  });
});
