import { describe, expect, it } from 'vitest';
import { failures, openStage, Step, statuses, ways } from './stage.ts';

describe('indexes', () => {
  it.each<[string, object[], object, string]>([
    ['missing and null are one key', [{}, { v: null }], { keys: { v: 1 } }, 'null in 0, 1'],
    ['numbers of any type', [{ v: 1 }, { v: 1 }], { keys: { v: 1 } }, '1 in 0, 1'],
    ['elements of arrays', [{ v: ['a', 'b'] }, { v: 'b' }], { keys: { v: 1 } }, '"b" in 0, 1'],
    [
      'two fields',
      [
        { v: 1, w: 2 },
        { v: 1, w: 2 },
      ],
      { keys: { v: 1, w: -1 } },
      '1, 2 in 0, 1',
    ],
    [
      'inside of a partial index',
      [
        { v: 1, on: 1 },
        { v: 1, on: 1 },
      ],
      { keys: { v: 1 }, where: { on: { gte: 1 } } },
      '1 in 0, 1',
    ],
  ])('a unique one is refused on duplicates: %s', async (_name, documents, data, message) => {
    await using stage = await openStage();
    await stage.collection('items').insertMany(documents.map((document, index) => ({ _id: index as never, ...document })));
    const step = new Step(stage.session, {
      type: 'create_index',
      collection: 'items',
      data: { name: 'u', unique: true, ...data } as never,
    });
    expect(failures(await step.check()).join()).toContain(message);
  });

  it.each<[string, object[], object]>([
    ['an array that holds a value twice', [{ v: ['a', 'a'] }, { v: 'b' }], { keys: { v: 1 } }],
    ['an empty array and null', [{ v: [] }, { v: null }], { keys: { v: 1 } }],
    [
      'outside of a partial index',
      [
        { v: 1, on: 0 },
        { v: 1, on: 1 },
      ],
      { keys: { v: 1 }, where: { on: { gte: 1 } } },
    ],
    ['outside of a sparse index', [{}, {}, { v: 1 }], { keys: { v: 1 }, sparse: true }],
  ])('a unique one is built where no two have the same key: %s', async (_name, documents, data) => {
    await using stage = await openStage();
    await stage.collection('items').insertMany(documents.map((document, index) => ({ _id: index as never, ...document })));
    const step = new Step(stage.session, {
      type: 'create_index',
      collection: 'items',
      data: { name: 'u', unique: true, ...data } as never,
    });
    expect(failures(await step.check())).toEqual([]);
  });

  it('an identical one survives rollback, another definition is refused', async () => {
    await using stage = await openStage();
    await stage.collection('items').createIndex({ v: 1 }, { name: 'v' });
    const before = await stage.session.fingerprint('items');
    const step = new Step(stage.session, { type: 'create_index', collection: 'items', data: { name: 'v', keys: { v: 1 } } });
    expect(failures(await step.check())).toEqual([]);
    await step.execute();
    await step.rollback();
    expect(await stage.session.fingerprint('items')).toEqual(before);
    for (const [name, keys] of [
      ['v', { w: 1 }],
      ['other', { v: 1 }],
    ] as const) {
      const other = new Step(stage.session, { type: 'create_index', collection: 'items', data: { name, keys: keys as never } });
      expect(failures(await other.check())).toHaveLength(1);
    }
  });

  it('come back with every option', async () => {
    await using stage = await openStage();
    await stage.collection('items').insertOne({ at: new Date() });
    const options = { sparse: true, expireAfterSeconds: 3600, partialFilterExpression: undefined };
    await stage
      .collection('items')
      .createIndex({ at: 1 }, { name: 'ttl', sparse: options.sparse, expireAfterSeconds: options.expireAfterSeconds });
    await stage
      .collection('items')
      .createIndex({ 'a.b': -1, c: 1 }, { name: 'partial', unique: true, partialFilterExpression: { c: { $gt: 5 } } });
    const before = await stage.session.fingerprint('items');
    for (const name of ['ttl', 'partial']) {
      const step = new Step(stage.session, { type: 'drop_index', collection: 'items', data: { name } });
      expect(failures(await step.check())).toEqual([]);
      await step.execute();
      await step.execute();
      expect(failures(await step.verify())).toEqual([]);
      await step.rollback();
      expect(await stage.session.fingerprint('items')).toEqual(before);
    }
    const altered = new Step(stage.session, {
      type: 'alter_index',
      collection: 'items',
      data: { name: 'ttl', new_name: 'ttl2', expire_after_seconds: 60 },
    });
    expect(failures(await altered.check())).toEqual([]);
    await altered.execute();
    expect(failures(await altered.verify())).toEqual([]);
    await altered.rollback();
    expect(await stage.session.fingerprint('items')).toEqual(before);
  });
});

describe('validation', () => {
  it('is refused where documents fail, named and counted, but for moderate and warn', async () => {
    await using stage = await openStage();
    await stage.collection('items').insertMany([{ _id: 1 as never, name: 'a' }, { _id: 2 as never }, { _id: 3 as never }]);
    const step = (extra: object) =>
      new Step(stage.session, {
        type: 'schema_validation',
        collection: 'items',
        data: { schema: { required: ['name'] }, ...extra } as never,
      });
    expect(failures(await step({}).check()).join()).toContain('2 documents of items do not meet the schema: 2, 3');
    expect(statuses(await step({ level: 'moderate' }).check())).toEqual(['PASS', 'WARNING']);
    expect(statuses(await step({ action: 'warn' }).check())).toEqual(['PASS', 'WARNING']);
    expect(failures(await step({ schema: { bsonType: 'nonsense' } }).check())).toHaveLength(1);
  });

  it('that was there comes back as it was, and refuses again', async () => {
    await using stage = await openStage();
    await stage.store.db.command({
      create: 'items',
      validator: { n: { $gte: 0 } },
      validationLevel: 'moderate',
      validationAction: 'error',
    });
    const before = await stage.session.fingerprint('items');
    const step = new Step(stage.session, {
      type: 'schema_validation',
      collection: 'items',
      data: { schema: { required: ['name'] } },
    });
    await step.execute();
    expect(failures(await step.verify())).toEqual([]);
    await expect(stage.collection('items').insertOne({ n: 1 })).rejects.toMatchObject({ code: 121 });
    await step.rollback();
    expect(await stage.session.fingerprint('items')).toEqual(before);
    await expect(stage.collection('items').insertOne({ n: -1 })).rejects.toMatchObject({ code: 121 });
  });

  it('is unsupported on a server that forgets it', async () => {
    await using stage = await openStage(['validators']);
    await stage.collection('items').insertOne({});
    const step = new Step(stage.session, { type: 'schema_validation', collection: 'items', data: { schema: {} } });
    await expect(step.check()).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
  });

  it('does not stop a rollback to documents that are older than it', async () => {
    await using stage = await openStage();
    await stage.collection('items').insertMany([{ _id: 1 as never, old: 1 }]);
    const before = await stage.session.fingerprint('items');
    const step = new Step(stage.session, {
      type: 'rename_field',
      collection: 'items',
      data: { old_name: 'old', new_name: 'name' },
    });
    await step.execute();
    await stage.store.db.command({ collMod: 'items', validator: { name: { $exists: true } } });
    await step.rollback();
    expect((await stage.session.fingerprint('items')).content).toBe(before.content);
  });
});

describe.each(ways)('collections, %s', (_name, without) => {
  it('that were created are kept while they hold documents', async () => {
    await using stage = await openStage(without);
    const step = new Step(stage.session, { type: 'create_collection', collection: 'made', data: {} });
    await step.execute();
    await stage.collection('made').insertOne({});
    await expect(step.rollback()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await stage.collection('made').deleteMany({});
    await step.rollback();
    expect((await stage.session.introspect()).collections).toEqual({});
  });

  it('that were dropped come back, and never over a new one with documents', async () => {
    await using stage = await openStage(without);
    await stage.collection('old').insertOne({ _id: 1 as never });
    const before = await stage.session.fingerprint('old');
    const step = new Step(stage.session, { type: 'drop_collection', collection: 'old', data: {} });
    await step.execute();
    await step.execute();
    await stage.collection('old').insertOne({ _id: 9 as never });
    await expect(step.rollback()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await stage.collection('old').deleteMany({});
    await step.rollback();
    await step.rollback();
    expect(await stage.session.fingerprint('old')).toEqual(before);
  });

  it('that were extracted are kept while they hold what was written since', async () => {
    await using stage = await openStage(without);
    await stage.collection('all').insertMany([
      { _id: 1 as never, k: 'a', n: 1 },
      { _id: 2 as never, k: 'b' },
      { _id: 3 as never, k: 'a' },
    ]);
    const step = (data: object) =>
      new Step(stage.session, { type: 'extract', collection: 'all', data: { into: 'part', ...data } });
    expect(failures(await step({ key: ['k'] }).check()).join()).toContain('"a" stands in 2 documents');
    const mapped = step({ fields: { kind: 'k', n: 'n' } });
    await mapped.execute();
    expect(await stage.collection('part').findOne({ _id: 1 as never })).toEqual({ _id: 1, kind: 'a', n: 1 });
    await stage.collection('part').updateOne({ _id: 1 as never }, { $set: { kind: 'mine' } });
    await expect(mapped.rollback()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await stage.collection('part').updateOne({ _id: 1 as never }, { $set: { kind: 'a' } });
    await mapped.rollback();
    expect(Object.keys((await stage.session.introspect()).collections)).toEqual(['all']);
  });

  it('take rows by any key; a row that fails leaves its batch undone', async () => {
    await using stage = await openStage(without);
    await stage.collection('countries').insertMany([{ _id: 1 as never, code: 'DE', name: 'old', extra: 1 }]);
    const before = await stage.session.fingerprint('countries');
    const rows = [
      { code: 'DE', name: 'Germany' },
      { code: 'FR', name: 'France' },
    ];
    const load = (mode: string) =>
      new Step(stage.session, { type: 'load', collection: 'countries', data: { rows, key: ['code'], mode } as never });
    await expect(load('insert').execute()).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
    expect(await stage.session.fingerprint('countries')).toEqual(before);
    const step = load('upsert');
    await step.execute();
    step.checkpoint = undefined;
    await step.execute();
    expect(
      await stage
        .collection('countries')
        .find({}, { projection: { _id: 0 } })
        .sort({ code: 1 })
        .toArray(),
    ).toEqual([
      { code: 'DE', name: 'Germany', extra: 1 },
      { code: 'FR', name: 'France' },
    ]);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await stage.session.fingerprint('countries')).toEqual(before);
    expect(
      failures(
        await new Step(stage.session, {
          type: 'load',
          collection: 'countries',
          data: { rows: [rows[0]!, rows[0]!], key: ['code'] },
        }).check(),
      ),
    ).toHaveLength(1);
  });

  it.each(['merge', 'replace', 'keep_existing'] as const)('take the result of a pipeline: %s', async (when_matched) => {
    await using stage = await openStage(without);
    await stage.collection('orders').insertMany([
      { u: 1, t: 5 },
      { u: 1, t: 6 },
      { u: 2, t: 7 },
    ]);
    await stage.collection('totals').insertMany([{ _id: 1 as never, own: true, total: 0 }]);
    const before = await stage.session.fingerprint('totals');
    const step = new Step(stage.session, {
      type: 'merge_pipeline',
      collection: 'orders',
      data: { pipeline: [{ $group: { _id: '$u', total: { $sum: '$t' } } }], into: 'totals', when_matched },
    });
    expect(failures(await step.check())).toEqual([]);
    await step.execute();
    const expected = {
      merge: { _id: 1, own: true, total: 11 },
      replace: { _id: 1, total: 11 },
      keep_existing: { _id: 1, own: true, total: 0 },
    };
    expect(await stage.collection('totals').find().sort({ _id: 1 }).toArray()).toEqual([
      expected[when_matched],
      { _id: 2, total: 7 },
    ]);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await stage.session.fingerprint('totals')).toEqual(before);
    await step.discard();
    expect((await stage.store.db.listCollections().toArray()).map((each) => each.name).sort()).toEqual(['orders', 'totals']);
  });
});
