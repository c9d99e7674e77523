import { keyText, type RowKey, type RowWrite } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { errors, types } from 'cassandra-driver';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openTable } from '../src/catalog/table.ts';
import { rowStore } from '../src/rows/row-store.ts';
import { splitRing } from '../src/rows/token-range.ts';
import type { Store } from '../src/store.ts';
import { collidingKey } from './colliding-keys.ts';
import { openStage, type Stage } from './stage.ts';

const stage: Stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

async function keysOf(table: string, batch_size: number, statics = false): Promise<{ keys: string[]; positions: JsonValue[] }> {
  const keys: string[] = [];
  const positions: JsonValue[] = [];
  for await (const { rows, last } of rowStore(stage.store, statics).scan(table, { batch_size })) {
    keys.push(...rows.map(({ key }) => keyText(key)));
    positions.push(JSON.parse(JSON.stringify(last)) as JsonValue);
  }
  return { keys, positions };
}

async function rest(table: string, after: JsonValue, batch_size: number, statics = false): Promise<string[]> {
  const keys: string[] = [];
  for await (const { rows } of rowStore(stage.store, statics).scan(table, { batch_size, after }))
    keys.push(...rows.map(({ key }) => keyText(key)));
  return keys;
}

describe('a scan', () => {
  it('goes on behind any row of wide partitions, whatever the directions of the clustering key', async () => {
    await stage.cql(
      'CREATE TABLE wide (a text, b int, c int, d int, v int, s int STATIC, PRIMARY KEY ((a, b), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC)',
    );
    for (const a of ['x', 'y', 'z'])
      for (let c = 0; c < 4; c++)
        for (let d = 0; d < 4; d++) await stage.cql(`INSERT INTO wide (a, b, c, d, v) VALUES ('${a}', 1, ${c}, ${d}, 0)`);
    // A partition of static values alone, and one that has both.
    await stage.cql("INSERT INTO wide (a, b, s) VALUES ('only', 1, 5)", "INSERT INTO wide (a, b, s) VALUES ('x', 1, 6)");
    for (const [statics, count] of [
      [false, 48],
      [true, 50],
    ] as const) {
      const { keys, positions } = await keysOf('wide', 1, statics);
      expect(new Set(keys).size).toBe(count);
      for (const [index, position] of positions.entries()) {
        expect(await rest('wide', position, 7, statics), `behind ${keys[index]}`).toEqual(keys.slice(index + 1));
      }
      expect((await keysOf('wide', 5, statics)).keys).toEqual(keys);
    }
  });

  it('gives partitions with equal tokens once each, and goes on between them', async () => {
    await stage.cql('CREATE TABLE equal (k blob, c int, PRIMARY KEY (k, c))');
    const keys = [1, 2, 3, 4].map(collidingKey);
    for (const key of keys) {
      for (const c of [1, 2])
        await stage.store.client.execute('INSERT INTO equal (k, c) VALUES (?, ?)', [key, c], { prepare: true });
    }
    const tokens = await stage.cql('SELECT token(k) AS t FROM equal');
    expect(new Set(tokens.map(({ t }) => String(t))).size, 'the keys collide').toBe(1);
    const all = await keysOf('equal', 1);
    expect(new Set(all.keys).size).toBe(8);
    for (const [index, position] of all.positions.entries())
      expect(await rest('equal', position, 3)).toEqual(all.keys.slice(index + 1));
    await using scan = await stage.session.source!.scan({ collection: 'equal' });
    let seen = 0;
    for (const partition of await scan.partitions(9))
      for await (const { batch } of scan.read(partition, { batch_size: 1 }))
        seen += batch.kind === 'rows' ? batch.rows.length : 0;
    expect(seen).toBe(8);
  });

  it('splits the ring into ranges that follow each other, from its first token to its last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (want) => {
        const ranges = splitRing(want);
        expect(ranges).toHaveLength(want);
        expect([ranges[0]!.from, ranges.at(-1)!.to]).toEqual(['-9223372036854775808', '9223372036854775807']);
        const follows = ranges.every((range, index) => index === 0 || range.from === ranges[index - 1]!.to);
        const grows = ranges.every(({ from, to }) => BigInt(from) < BigInt(to));
        expect([follows, grows]).toEqual([true, true]);
      }),
    );
  });
});

describe('a write', () => {
  it('makes no row out of one that the application has deleted', async () => {
    await stage.cql('CREATE TABLE ghosts (id int PRIMARY KEY, a int, b int)', 'INSERT INTO ghosts (id, b) VALUES (1, 2)');
    const rows = rowStore(stage.store);
    const key = await firstKey(stage.store, 'ghosts');
    const change = {
      kind: 'change',
      key,
      fields: [{ field: 'a', before: undefined, after: Buffer.from([0, 0, 0, 1]) }],
    } as const;
    await stage.cql('DELETE FROM ghosts WHERE id = 1');
    expect(await rows.write('ghosts', [change])).toEqual(['differs']);
    expect(await stage.cql('SELECT * FROM ghosts')).toEqual([]);
  });

  it('keeps a row whose last value it takes away', async () => {
    await stage.cql('CREATE TABLE last (id int PRIMARY KEY, a int)', 'UPDATE last SET a = 1 WHERE id = 1');
    const rows = rowStore(stage.store);
    const key = await firstKey(stage.store, 'last');
    const one = Buffer.from([0, 0, 0, 1]);
    expect(await rows.write('last', [{ kind: 'change', key, fields: [{ field: 'a', before: one, after: undefined }] }])).toEqual([
      'written',
    ]);
    expect(await stage.cql('SELECT * FROM last')).toEqual([{ id: 1, a: null }]);
    expect(await rows.write('last', [{ kind: 'change', key, fields: [{ field: 'a', before: undefined, after: one }] }])).toEqual([
      'written',
    ]);
    expect(await stage.cql('SELECT * FROM last')).toEqual([{ id: 1, a: 1 }]);
  });

  it.each([
    ['was done', true],
    ['was not done', false],
  ])('whose outcome is unknown is settled by a serial read: it %s', async (_name, done) => {
    const table = done ? 'done' : 'undone';
    await stage.cql(`CREATE TABLE ${table} (id int PRIMARY KEY, a int)`);
    const unsure = timingOut(stage.store, done);
    const row = new Map([
      ['id', Buffer.from([0, 0, 0, 1])],
      ['a', Buffer.from([0, 0, 0, 2])],
    ]);
    await openTable(unsure, table);
    expect(await rowStore(unsure).write(table, [{ kind: 'insert', key: [1], row }])).toEqual(['written']);
    const changed = [{ field: 'a', before: Buffer.from([0, 0, 0, 2]), after: Buffer.from([0, 0, 0, 3]) }];
    expect(await rowStore(timingOut(stage.store, done)).write(table, [{ kind: 'change', key: [1], fields: changed }])).toEqual([
      'written',
    ]);
    expect(await stage.cql(`SELECT * FROM ${table}`)).toEqual([{ id: 1, a: 3 }]);
  });

  it('writes no tombstones for what a row lacks', async () => {
    await stage.cql('CREATE TABLE sparse (id int PRIMARY KEY, a int, b int, c int)');
    await openTable(stage.store, 'sparse');
    const row = new Map([
      ['id', Buffer.from([0, 0, 0, 1])],
      ['a', Buffer.from([0, 0, 0, 2])],
    ]);
    await rowStore(stage.store).write('sparse', [{ kind: 'insert', key: [1], row }]);
    const { info } = await stage.store.client.execute('SELECT * FROM sparse WHERE id = 1', [], { traceQuery: true });
    const trace = await stage.store.client.metadata.getTrace(info.traceId);
    const read = trace.events.map(({ activity }) => String(activity)).find((activity) => /tombstone cells/.test(activity));
    expect(read).toMatch(/Read 1 live rows and 0 tombstone cells/);
  });

  it('goes with its neighbours of the same partition, and each has its own outcome', async () => {
    await stage.cql(
      'CREATE TABLE grouped (p int, c text, v int, PRIMARY KEY (p, c))',
      "INSERT INTO grouped (p, c, v) VALUES (1, 'c7', 0)",
    );
    await openTable(stage.store, 'grouped');
    const int = (value: number) => Buffer.from([0, 0, 0, value]);
    const insert = (p: number, c: string, v = int(1)) =>
      ({
        kind: 'insert',
        key: [p, c],
        row: new Map([
          ['p', int(p)],
          ['c', Buffer.from(c)],
          ['v', v],
        ]),
      }) satisfies RowWrite<Buffer>;
    const rows = Array.from({ length: 120 }, (_, index) => insert(1, `c${index}`));
    const outcomes = await rowStore(stage.store).write('grouped', [
      ...rows,
      insert(2, 'wrong', Buffer.from([1, 2, 3])),
      insert(2, 'fine'),
    ]);
    expect(outcomes.map((outcome, index) => (outcome === 'written' ? '' : index)).filter(String)).toEqual([7, 120]);
    expect([outcomes[7], outcomes[120]]).toEqual(['differs', expect.objectContaining({ code: 'STATEMENT_FAILED' })]);
    for (const [p, done] of [
      [3, true],
      [4, false],
    ] as const) {
      const unsure = Array.from({ length: 5 }, (_, index) => insert(p, `c${index}`));
      expect(await rowStore(timingOut(stage.store, done)).write('grouped', unsure)).toEqual(unsure.map(() => 'written'));
    }
    expect(await stage.cql('SELECT count(*) AS n FROM grouped')).toEqual([{ n: 131n }]);
  });

  it('says of each row what the store has against it, and writes its neighbours', async () => {
    await stage.cql('CREATE TABLE texts (id text PRIMARY KEY, a int)');
    await openTable(stage.store, 'texts');
    const row = (id: string) =>
      ({ kind: 'insert', key: [id], row: new Map([['id', Buffer.from(id)]]) }) satisfies RowWrite<Buffer>;
    const [empty, long, fine] = await rowStore(stage.store).write('texts', [row(''), row('x'.repeat(70_000)), row('fine')]);
    expect(empty).toMatchObject({ code: 'STATEMENT_FAILED' });
    expect(long).toMatchObject({ code: 'STATEMENT_FAILED' });
    expect(fine).toBe('written');
  });
});

describe('what is kept aside', () => {
  it('may be larger than a row should be, and comes back in pages', async () => {
    const { aside } = rowStore(stage.store);
    expect(await aside.list('nowhere', undefined, 5)).toEqual([]);
    await aside.ensure('place');
    const large = { text: '日本'.repeat(300_000), n: [1, null] };
    const entries = Array.from({ length: 30 }, (_, index) => ({ key: `k${index}`, value: index === 7 ? large : index }));
    await aside.put('place', entries, 'keep');
    await aside.put('place', [{ key: 'k7', value: 'other' }], 'keep');
    expect(await aside.get('place', ['k7', 'k8', 'none'])).toEqual(
      new Map<string, JsonValue>([
        ['k7', large],
        ['k8', 8],
      ]),
    );
    const listed = [];
    for (let after: string | undefined; ; ) {
      const page = await aside.list('place', after, 4);
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(4);
      listed.push(...page);
      after = page.at(-1)!.key;
    }
    const byKey = (left: { key: string }, right: { key: string }) => (left.key < right.key ? -1 : 1);
    expect(listed.sort(byKey)).toEqual(entries.sort(byKey));
    await aside.put('place', [{ key: 'k7', value: 'small' }], 'replace');
    await aside.delete('place', ['k8']);
    expect(await aside.get('place', ['k7', 'k8'])).toEqual(new Map([['k7', 'small']]));
    await aside.drop('place');
    expect(await aside.list('place', undefined, 5)).toEqual([]);
  });
});

/** The key of the first row of a table, as a scan gives it. */
async function firstKey(store: Store, table: string): Promise<RowKey> {
  for await (const { rows } of rowStore(store).scan(table, { batch_size: 1 })) return rows[0]!.key;
  throw new Error(`${table} has no row`);
}

/** A store whose first conditional write ends by a timeout of the coordinator, done or not. */
function timingOut(store: Store, done: boolean): Store {
  let first = true;
  const client = new Proxy(store.client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property !== 'execute' && property !== 'batch') return typeof value === 'function' ? value.bind(target) : value;
      const send = (value as (...all: unknown[]) => unknown).bind(target);
      return async (query: unknown, ...others: unknown[]) => {
        const conditional =
          property === 'batch' || (/^(?:INSERT|UPDATE|DELETE)/.test(String(query)) && / IF /.test(String(query)));
        if (!conditional || !first) return send(query, ...others);
        first = false;
        if (done) await send(query, ...others);
        throw new errors.ResponseError(
          types.responseErrorCodes.writeTimeout,
          'Server timeout during write query at consistency SERIAL',
        );
      };
    },
  });
  return { ...store, client };
}
