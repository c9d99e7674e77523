import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  const whatever = { type: 'object', enabled: false };
  await stage.send('PUT', 'sales', { mappings: { properties: { big: whatever, tags: whatever } } });
  await stage.send('PUT', 'sales/_doc/1', '{"big": 12345678901234567890123, "place": "Bonn", "total": 12.5}');
  await stage.send('PUT', 'sales/_doc/2', '{"total": 0.25, "place": "Bonn", "tags": ["a", {"n": 1}]}');
});
afterAll(() => stage[Symbol.asyncDispose]());

const query = (body: object, search = 'sales') => stage.session.query!(JSON.stringify({ search, body }));
const ofOne = (id: string, source: unknown) => ({ query: { ids: { values: [id] } }, _source: source });

describe('a query of a check', () => {
  it.each<[string, object, unknown]>([
    ['a sum', { aggs: { sum: { sum: { field: 'total' } } } }, 12.75],
    ['a count of values', { aggregations: { n: { value_count: { field: 'total' } } } }, 2],
    ['a filter', { aggs: { n: { filter: { range: { total: { gt: 1 } } } } } }, 1],
    ['an average of nothing', { query: { ids: { values: [] } }, aggs: { a: { avg: { field: 'total' } } } }, null],
    ['a field', ofOne('2', ['total']), 0.25],
    ['digits', ofOne('1', ['big']), '12345678901234567890123'],
    ['a list', ofOne('2', ['tags']), ['a', { n: 1 }]],
    ['a hit without a source', ofOne('2', false), '2'],
    ['no hit', ofOne('3', ['total']), null],
  ])('that asks for %s gives %j', async (_name, body, value) => {
    expect(await query(body)).toEqual(value);
  });

  it('is refused where it is no search, or gives no one value', async () => {
    for (const text of [
      'no json',
      '[]',
      '{"search": 1}',
      '{"search": "sales", "body": 1}',
      '{"delete_by_query": "sales"}',
      'null',
    ])
      await expect(stage.session.query!(text), text).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    await expect(query({ aggs: { places: { terms: { field: 'place.keyword' } } } })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringContaining('places has no one value'),
    });
    await expect(query({ query: { nothing: {} } })).rejects.toMatchObject({ code: 'STATEMENT_FAILED' });
    await expect(query({}, 'nothing')).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
  });
});
