import { isPolyshiftError } from '@polyshift/core';
import { afterAll, describe, expect, it } from 'vitest';
import { openStage, type Stage, Step } from './stage.ts';

const stage: Stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const { session, cql } = stage;

const rename = (collection: string) =>
  new Step(session, { type: 'rename_collection', collection, data: { new_name: `${collection}_2` } });

describe('copies of tables', () => {
  it('keep static values, collections, tuples, user-defined types, vectors, durations and large numbers to the bit', async () => {
    await cql(
      'CREATE TYPE addr (street text, n varint)',
      `CREATE TABLE "All" (k text, c int, s text STATIC, l list<int>, f frozen<list<int>>, m map<text, frozen<addr>>, st set<timestamp>, u addr,
        t tuple<int, text>, v vector<float, 2>, d duration, n varint, e decimal, i inet, tm time, dt date, ti tinyint, a ascii,
        "odd ""name" text, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'it''s all'`,
      `INSERT INTO "All" (k, c, s, l, f, m, st, u, t, v, d, n, e, i, tm, dt, ti, a, "odd ""name") VALUES ('x', 1, 'shared', [3, 1, 3], [], {'a': {street: 'b', n: null}},
        {'1969-12-31T23:59:59.999Z', '2024-01-01T00:00:00Z'}, {street: 'c', n: 12345678901234567890123}, (1, null), [0.1, -0.0], 1mo2d3ns,
        -170141183460469231731687303715884105729, 1E+30, '2001:db8::1', '23:59:59.999999999', '-5877641-06-23', -128, 'ascii', 'x')`,
      `INSERT INTO "All" (k, c) VALUES ('x', 2)`,
      `INSERT INTO "All" (k, s) VALUES ('alone', 'static alone')`,
    );
    const before = await cql('SELECT * FROM "All"');
    const fingerprint = await session.fingerprint('All');
    const step = rename('All');
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect(await cql('SELECT * FROM "All_2"')).toEqual(before);
    expect((await session.introspect(['All'])).collections).toEqual({});
    await step.down();
    expect(await cql('SELECT * FROM "All"')).toEqual(before);
    expect(await session.fingerprint('All')).toEqual(fingerprint);
    await step.discard();
  });

  it('are refused where they would lose something, with the reason', async () => {
    await cql(
      'CREATE TABLE counts (id int PRIMARY KEY, n counter)',
      'CREATE TABLE expiring (id int PRIMARY KEY, a text)',
      "INSERT INTO expiring (id, a) VALUES (1, 'x') USING TTL 1000",
      'CREATE TABLE viewed (id int PRIMARY KEY, a int)',
      'CREATE MATERIALIZED VIEW viewed_by_a AS SELECT * FROM viewed WHERE a IS NOT NULL AND id IS NOT NULL PRIMARY KEY (a, id)',
    );
    expect(await rename('counts').failures()).toEqual(['counts has counters']);
    expect(await rename('expiring').failures()).toEqual([expect.stringContaining('have a time to live')]);
    expect(await rename('viewed').failures()).toEqual([expect.stringContaining('viewed_by_a is made of viewed')]);
    expect(await rename('viewed_by_a').failures()).toEqual(['viewed_by_a is a materialized view']);
    const named = new Step(session, {
      type: 'rename_collection',
      collection: 'viewed',
      data: { new_name: 'a"; drop table b; --' },
    });
    expect(await named.failures()).toEqual([
      expect.stringContaining('letters, digits and underscores'),
      expect.stringContaining('is made of'),
    ]);
  });
});

describe('extract', () => {
  it('makes columns for fields that the pipeline computes, and a table with another key', async () => {
    await cql(
      'CREATE TABLE source (id int PRIMARY KEY, a text, b set<int>)',
      "INSERT INTO source (id, a, b) VALUES (1, 'x', {2, 1})",
    );
    const step = new Step(session, {
      type: 'extract',
      collection: 'source',
      data: {
        into: 'made',
        key: ['a', 'id'],
        fields: { a: 'a', id: 'id', tags: 'b', twice: 'twice' },
        pipeline: [{ $set: { twice: { $concat: ['$a', '$a'] } } }],
      },
    });
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect(await cql('SELECT * FROM made')).toEqual([{ a: 'x', id: 1, tags: [1, 2], twice: 'xx' }]);
    await step.down();
    expect((await session.introspect(['made'])).collections).toEqual({});
  });
});

describe('create_collection', () => {
  it('takes a partition key of several columns, directions and static columns', async () => {
    const fields = ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'int' }));
    const options = { partition_key: ['a', 'b'], clustering_order: { c: -1 }, static: ['d'], gc_grace_seconds: 60 };
    const step = new Step(session, {
      type: 'create_collection',
      collection: 'laid_out',
      data: { fields, key: ['a', 'b', 'c'], options },
    });
    expect(await step.failures()).toEqual([]);
    await step.up();
    const columns = await cql(
      `SELECT column_name, kind, clustering_order FROM system_schema.columns WHERE keyspace_name = '${stage.store.keyspace}' AND table_name = 'laid_out'`,
    );
    expect(columns.map(({ column_name, kind, clustering_order }) => [column_name, kind, clustering_order])).toEqual([
      ['a', 'partition_key', 'none'],
      ['b', 'partition_key', 'none'],
      ['c', 'clustering', 'desc'],
      ['d', 'static', 'none'],
    ]);
    await cql('INSERT INTO laid_out (a, b, c) VALUES (1, 1, 1)');
    const refused = await step.down().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isPolyshiftError(refused, 'WRITTEN_SINCE')).toBe(true);
  });

  it('says what a table of Cassandra cannot have', async () => {
    const failures = (data: object) =>
      new Step(session, { type: 'create_collection', collection: 'x', data } as never).failures();
    expect(await failures({ fields: [{ name: 'a', type: 'int', default_value: 1 }], key: ['a'] })).toEqual([
      expect.stringContaining('no default values'),
    ]);
    await expect(failures({ fields: [{ name: 'a', type: 'int' }] })).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    await expect(failures({ fields: [{ name: 'a', type: 'money' }], key: ['a'] })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
  });
});

describe('create_index', () => {
  it.each([
    [{ keys: { a: 1 }, unique: true }, 'no unique indexes'],
    [{ keys: { a: 1 }, where: { a: 1 } }, 'no partial indexes'],
    [{ keys: { a: 1, b: 1 } }, 'over one column'],
    [{ keys: { a: -1 } }, 'no direction'],
    [{ keys: { id: 1 } }, 'is the partition key'],
  ])('refuses %j', async (data, message) => {
    await cql('CREATE TABLE IF NOT EXISTS indexed (id int PRIMARY KEY, a int, b int)');
    const step = new Step(session, { type: 'create_index', collection: 'indexed', data: { name: 'i', ...data } as never });
    expect((await step.failures()).join()).toContain(message);
  });

  it('is over the keys of a map where it says so', async () => {
    await cql('CREATE TABLE maps (id int PRIMARY KEY, m map<text, int>)');
    const step = new Step(session, {
      type: 'create_index',
      collection: 'maps',
      data: { name: 'maps_keys', keys: { m: 1 }, options: { over: 'keys' } },
    });
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect((await step.verify())[0]!.status).toBe('PASS');
    expect(
      await cql(
        `SELECT options FROM system_schema.indexes WHERE keyspace_name = '${stage.store.keyspace}' AND table_name = 'maps'`,
      ),
    ).toEqual([{ options: new Map([['target', 'keys(m)']]) }]);
  });
});

describe('run_sql', () => {
  it('refuses to go back without a down script, and goes on at the statement where it stopped', async () => {
    const up =
      'CREATE TABLE scripted (id int PRIMARY KEY); INSERT INTO scripted (id) VALUES (1); INSERT INTO scripted (id) VALUES (2);';
    const step = new Step(session, { type: 'run_sql', data: { up } });
    let count = 0;
    step.fault = (place) => {
      if (place === 'run' && ++count === 1) throw new Error('killed');
    };
    await expect(step.up()).rejects.toThrow('killed');
    step.fault = () => undefined;
    // The first statement was done, and nobody knows: made once more, it finds the table there.
    await step.execute();
    expect(await cql('SELECT count(*) AS n FROM scripted')).toEqual([{ n: 2n }]);
    await expect(step.down()).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
  });
});
