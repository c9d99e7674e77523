import { compileConditions } from '@polyshift/adapter-kit';
import type { Conditions, PortableDocument } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionFilter } from '../src/conditions.ts';
import { fieldTypes } from '../src/mapping/field-types.ts';
import { openStage, type Stage } from './stage.ts';

const properties = {
  n: { type: 'long' },
  f: { type: 'double' },
  k: { type: 'keyword', ignore_above: 10 },
  t: { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 20 } } },
  b: { type: 'boolean' },
  d: { type: 'date', ignore_malformed: true },
  hidden: { type: 'keyword', index: false },
  z: { type: 'keyword', null_value: 'nothing' },
};

/** Documents in which searches and the documents themselves part: arrays, empty ones, coerced, rounded, long and unmapped values. */
const documents = [
  '{}',
  '{"n":null,"f":null,"k":null,"z":null}',
  '{"n":[],"k":[],"t":[]}',
  '{"n":7,"f":0.1,"k":"a","t":"The quick","b":true,"d":"2024-02-29","hidden":"a","z":"nothing"}',
  '{"n":"7","f":"0.1","k":7,"b":"true","d":1709164800000}',
  '{"n":[6,7,8],"k":["a","b"],"t":["x","y"],"b":[true,false]}',
  '{"n":9007199254740993,"f":0.1000000000000000055,"k":"longer than ten","t":"longer than twenty letters"}',
  '{"n":7.9,"f":1e2,"k":"A","t":"the QUICK","d":"infinity","new":{"deep":["x","y"]}}',
];

async function fill(stage: Stage): Promise<void> {
  await stage.send('PUT', 'odd', { settings: { number_of_shards: 1, number_of_replicas: 0 }, mappings: { properties } });
  for (const [id, document] of documents.entries())
    expect(await stage.send('PUT', `odd/_doc/${id}`, document)).toMatchObject({ result: 'created' });
}

const field = fc.constantFrom('n', 'f', 'k', 't', 'b', 'd', 'hidden', 'z', 'new.deep', '_id', 'missing');
const operand = fc.constantFrom<string | number | boolean>(
  7,
  6,
  7.5,
  0.1,
  100,
  9007199254740992,
  'a',
  'A',
  'x',
  '7',
  'nothing',
  'The quick',
  'longer than ten',
  true,
  false,
  '2024-02-29',
  'x',
);
const comparison = fc.oneof(
  fc.record({ eq: operand }),
  fc.record({ ne: operand }),
  fc.record({ gt: operand }),
  fc.record({ lte: operand }),
  fc.record({ gte: operand, lt: operand }),
  fc.record({ in: fc.array(operand, { minLength: 1, maxLength: 3 }) }),
  fc.record({ nin: fc.array(operand, { minLength: 1, maxLength: 3 }) }),
  fc.record({ is_null: fc.boolean() }),
  fc.record({ like: fc.constantFrom('%quick%', '_', 'longer%', '%') }),
);
const leaf = fc.tuple(field, comparison).map(([name, value]): Conditions => ({ [name]: value }));
const conditions = fc.oneof(
  leaf,
  fc.tuple(leaf, leaf).map(([left, right]): Conditions => ({ and: [left, right] })),
  fc.tuple(leaf, leaf).map(([left, right]): Conditions => ({ or: [left, { not: right }] })),
  fc.tuple(leaf, leaf).map(([left, right]): Conditions => ({ or: [left, right] })),
  leaf.map((inner): Conditions => ({ not: inner })),
);

describe('conditions', () => {
  it('find the documents that meet them, whatever the index holds of them', async () => {
    await using stage = await openStage();
    await fill(stage);
    await using scan = await stage.session.source!.scan({ collection: 'odd' });
    const all: PortableDocument[] = [];
    for (const partition of await scan.partitions(1))
      for await (const { batch } of scan.read(partition, { batch_size: 100 }))
        if (batch.kind === 'documents') all.push(...batch.documents.map((document) => batch.decode(document)));
    expect(await stage.session.count('odd', { n: 7.9 })).toBe(1);
    await fc.assert(
      fc.asyncProperty(conditions, async (condition) => {
        const test = compileConditions(condition);
        expect(await stage.session.count('odd', condition)).toBe(all.filter((document) => test(document)).length);
      }),
      { numRuns: 60 },
    );
  });

  it('narrow a search down where the index tells', () => {
    const query = (condition: Conditions) => conditionFilter(condition, fieldTypes({ properties })).query;
    expect(query({ n: { gt: 5 } })).toEqual({ range: { n: { gte: 5 } } });
    // 7.9 is 7 in the index of a whole number.
    expect(query({ n: { lte: 7.5 } })).toEqual({ range: { n: { lte: 7 } } });
    expect(query({ t: 'short' })).toEqual({ terms: { 't.keyword': ['short'] } });
    expect(query({ b: true, missing: 1 })).toEqual({ bool: { filter: [{ terms: { b: [true] } }] } });
    for (const condition of [
      { t: 'longer than twenty letters' },
      { hidden: 'a' },
      { z: 'a' },
      { not: { n: 1 } },
      { or: [{ n: 1 }, { missing: 1 }] },
    ])
      expect(query(condition), JSON.stringify(condition)).toBeUndefined();
    expect(conditionFilter(undefined, new Map())).toEqual({ query: undefined, test: undefined });
  });
});
