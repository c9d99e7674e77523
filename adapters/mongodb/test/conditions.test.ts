import type { Conditions } from '@polyshift/core';
import { Long, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionFilter, likePattern } from '../src/conditions.ts';
import { openStage, type Stage } from './stage.ts';

const oid = new ObjectId('507f1f77bcf86cd799439011');

describe('conditions over real documents', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await stage.collection('things').insertMany([
      { _id: 1 as never, name: 'a%b', n: 5, at: new Date('2024-02-29T12:00:00Z'), tags: ['x', null], ref: oid },
      { _id: 2 as never, name: 'aXb', n: Long.fromNumber(5), at: '2024-02-29', tags: [], deep: { v: 1 } },
      { _id: 3 as never, name: 'line\nbreak', n: null, tags: null },
      { _id: 4 as never, name: '$gt', n: 7.5, value: { $gt: 1 } },
      { _id: 5 as never, n: 'text' },
    ]);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each<[string, Conditions | undefined, number[]]>([
    ['every document', undefined, [1, 2, 3, 4, 5]],
    ['numbers of any type are equal by value', { n: 5 }, [1, 2]],
    ['comparisons stay within a type', { n: { gt: 5 } }, [4]],
    ['null is null or missing', { name: null }, [5]],
    ['a null in an array is not null', { tags: { is_null: true } }, [3, 4, 5]],
    ['an array is not null', { tags: { is_null: false } }, [1, 2]],
    ['eq null', { n: { eq: null } }, [3]],
    ['ne holds for null and missing', { name: { ne: '$gt' } }, [1, 2, 3, 5]],
    ['nin holds for null', { n: { nin: [5] } }, [3, 4, 5]],
    ['a null in a list is nothing', { n: { in: [7.5, null] } }, [4]],
    ['a null in a list of nin is nothing', { n: { nin: [7.5, null] } }, [1, 2, 3, 5]],
    ['no comparison with null holds', { n: { gte: null } }, []],
    ['an empty list', { n: { in: [] } }, []],
    ['like with an escape', { name: { like: 'a\\%b' } }, [1]],
    ['like with wildcards', { name: { like: 'a_b' } }, [1, 2]],
    ['like crosses lines', { name: { like: 'line%' } }, [3]],
    ['like is over the whole text', { name: { like: 'line' } }, []],
    ['like is case-sensitive', { name: { like: 'AXB' } }, []],
    ['like takes the signs of regular expressions as they are', { name: { like: '$g.' } }, []],
    ['a text that looks like an operator', { name: '$gt' }, [4]],
    ['a document as data', { value: { eq: { $gt: 1 } } as never }, [4]],
    ['extended JSON', { n: { eq: { $numberLong: '5' } } as never }, [1, 2]],
    ['a date by its text', { at: { gte: '2024-02-29' } }, [1, 2]],
    ['a date by extended JSON alone', { at: { lt: { $date: '2024-03-01T00:00:00Z' } } as never }, [1]],
    ['an ObjectId by its text', { ref: '507f1f77bcf86cd799439011' }, [1]],
    ['a path', { 'deep.v': 1 }, [2]],
    ['and, or, not', { and: [{ n: 5 }, { or: [{ name: 'aXb' }, { name: 'zz' }] }], not: { tags: 'x' } }, [2]],
    ['not is of two values', { not: { n: { gt: 5 } } }, [1, 2, 3, 5]],
    ['several comparisons of one field', { n: { gte: 5, lt: 6 } }, [1, 2]],
    ['not inside of a field', { n: { not: { eq: 5 } } }, [3, 4, 5]],
  ])('%s', async (_name, conditions, expected) => {
    const found = await stage.collection('things').find(conditionFilter(conditions)).sort({ _id: 1 }).toArray();
    expect(found.map((each) => each._id as unknown as number)).toEqual(expected);
    expect(await stage.session.count('things', conditions)).toBe(expected.length);
  });

  it('refuses operators in the place of fields', () => {
    expect(() => conditionFilter({ $where: 'true' })).toThrow(/operators/);
  });

  it('turns every sign of a pattern but its own into itself', () => {
    for (let code = 33; code < 127; code++) {
      const sign = String.fromCharCode(code);
      if (sign === '%' || sign === '_' || sign === '\\') continue;
      const pattern = new RegExp(likePattern(sign).replace(/\\z$/, '$'));
      expect([pattern.test(sign), pattern.test('\u0001'), pattern.test(`${sign}${sign}`)]).toEqual([true, false, false]);
    }
  });
});
