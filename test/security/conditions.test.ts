import { type Conditions, checkOperation, isPolyshiftError, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { keyOf, matrixStores } from '../matrix/stores.ts';
import { migration } from '../runner/stores.ts';
import { openBystander } from './bystander.ts';

/** Conditions that would hold for every row if a value of them were taken for an operator or a piece of a statement. */
const injections: readonly Conditions[] = [
  { c: "' OR '1'='1" },
  { c: '" OR ""="' },
  { c: '\\" || true || \\"' },
  { c: "x'); DROP TABLE b; --" },
  { c: '*' },
  { c: { eq: '{"$ne": null}' } },
  { c: { in: ['[object Object]', '{"$gt": ""}', '$ne'] } },
  { c: { like: '.*' } },
  { c: { like: '[a-z]_' } },
  { c: { eq: { $ne: null } } },
  { c: { eq: { $gt: '' } } },
  { c: { in: [{ $ne: null }, { $regex: '.*' }] } },
  { c: { eq: { $where: 'true' } } },
  { c: { eq: { match_all: {} } } },
];

describe('values of conditions', () => {
  it.each([
    [{ c: { $ne: null } }],
    [{ c: { $where: 'true' } }],
    [{ c: { $regex: '.*' } }],
    [{ $or: [{ c: 1 }, { d: 1 }] }],
    [{ $and: [] }],
    [{ c: ['a', { $gt: '' }] }],
    [{ or: [{ c: { not: { $gt: '' } } }] }],
  ])('%j is refused: there are no operators of a store in conditions', (conditions) => {
    const content = { type: 'migrate_data', collection: 'b', data: { pipeline: [{ $set: { c: 'x' } }] }, conditions };
    expect(() => checkOperation(content)).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT' }));
  });

  it.each(matrixStores)('on $server a text or document is a value, never an operator', async (store) => {
    await using stage = await openBystander(store);
    const { session } = stage;
    expect(await session.count('b', { c: 'untouched' })).toBe(1);
    for (const conditions of injections) {
      // Some stores refuse to compare a text with a document, which is as good.
      const found = await session.count('b', conditions).catch((error: unknown) => {
        if (!isPolyshiftError(error)) throw error;
        return 0;
      });
      expect(found, JSON.stringify(conditions)).toBe(0);
    }
    for (const field of ['$where', '$expr', '$or', 'c; drop table b', `c" = "c" or "c`]) {
      const found = await session.count('b', { [field]: 'true' }).catch((error: unknown) => {
        if (!isPolyshiftError(error)) throw error;
        return 0;
      });
      expect(found, field).toBe(0);
    }
    const injected = migration('2', [
      {
        type: 'migrate_data',
        collection: 'b',
        conditions: { c: `untouched' OR '1'='1` },
        data: { pipeline: [{ $set: { c: 'changed' } }] },
      },
    ]);
    await up({ session, migrations: [stage.migration, injected] });
    expect(await session.count('b', { c: 'untouched', [keyOf(store.adapter)]: 1 })).toBe(1);
  });
});
