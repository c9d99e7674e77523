import { describe, expect, it } from 'vitest';
import { failures, openStage, Step } from './stage.ts';

describe('documents', () => {
  it.each<[string, object, object[]]>([
    [
      'fields that are computed, and then chosen',
      {
        pipeline: [{ $set: { name: { $concat: ['$k', '!'] }, n: { $add: ['$n', 1] } } }],
        fields: { label: 'name', n: 'n' },
      },
      [
        { _id: 2, label: 'b!', n: 3 },
        { _id: 3, label: 'a!', n: 4 },
      ],
    ],
    [
      'rows of another shape, with a key of their own',
      { pipeline: [{ $unwind: '$tags' }, { $set: { tag: '$tags' } }], fields: ['tag'], distinct: true, key: ['tag'] },
      [
        { _id: 'x', tag: 'x' },
        { _id: 'y', tag: 'y' },
      ],
    ],
    [
      'extended JSON',
      { pipeline: [{ $set: { n: { $numberLong: '5' } } }, { $unset: ['k', 'tags'] }] },
      [
        { _id: 2, n: 5 },
        { _id: 3, n: 5 },
      ],
    ],
    ['groups', { pipeline: [{ $group: { _id: null, sum: { $sum: '$n' } } }] }, [{ _id: null, sum: 5 }]],
  ])('are extracted through a pipeline: %s', async (_title, data, expected) => {
    await using stage = await openStage();
    await stage.collection('all').insertMany([
      { _id: 1 as never, k: 'a', n: 1, tags: ['z'] },
      { _id: 2 as never, k: 'b', n: 2, tags: ['x', 'y'] },
      { _id: 3 as never, k: 'a', n: 3, tags: ['x'] },
    ]);
    const conditions = { n: { gt: 1 } };
    const step = new Step(stage.session, { type: 'extract', collection: 'all', conditions, data: { into: 'part', ...data } });
    expect(failures(await step.check())).toEqual([]);
    await step.execute();
    expect(await stage.collection('part').find().sort({ _id: 1 }).toArray()).toEqual(expected);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(Object.keys((await stage.session.introspect()).collections)).toEqual(['all']);
  });

  it.each<[object[], RegExp]>([
    [[{ $nonsense: {} }], /the server refuses the pipeline/],
    [[{ $out: 'elsewhere' }], /the pipeline has a stage \$out/],
    [[{ $unwind: '$tags' }], /_id cannot be the _id: 1 stands in 2 documents/],
  ])('are not extracted through %j', async (pipeline, message) => {
    await using stage = await openStage();
    await stage.collection('all').insertOne({ _id: 1 as never, tags: ['x', 'y'] });
    const step = new Step(stage.session, { type: 'extract', collection: 'all', data: { into: 'part', pipeline } as never });
    expect(failures(await step.check()).join()).toMatch(message);
  });
});
