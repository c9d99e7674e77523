import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableName } from '../src/store.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.table('sales', {
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'N' },
      { AttributeName: 'place', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: 'by_place', KeySchema: [{ AttributeName: 'place', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
    ],
  });
  // More than a page of a scan: what is looked for stands behind it.
  const filler = { S: 'x'.repeat(300_000) };
  await stage.put('sales', ...[10, 11, 12, 13, 14].map((id) => ({ id: { N: String(id) }, filler })));
  await stage.put('sales', {
    id: { N: '1' },
    place: { S: 'Bonn' },
    total: { N: '12.5' },
    big: { N: '12345678901234567890' },
    paid: { BOOL: true },
    none: { NULL: true },
    tags: { SS: ['a'] },
    parts: { M: { x: { N: '1' } } },
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

const named = (text: string) => text.replace('TABLE', `"${tableName(stage.store, 'sales')}"`);

describe('a query of a check', () => {
  it.each<[string, unknown]>([
    ['SELECT total FROM TABLE WHERE id = 1', 12.5],
    ['SELECT big FROM TABLE WHERE id = 1', '12345678901234567890'],
    ['SELECT paid FROM TABLE WHERE id = 1', true],
    ['SELECT none FROM TABLE WHERE id = 1', null],
    ['SELECT parts FROM TABLE WHERE id = 1', { x: 1 }],
    [' select total, paid from TABLE where id = 1', true],
    ["SELECT id FROM TABLE WHERE begins_with(place, 'Bo')", 1],
    ['SELECT id FROM TABLE."by_place" WHERE place = \'Bonn\'', 1],
    ["SELECT id FROM TABLE WHERE place = 'Ulm'", null],
  ])('%s gives %j', async (text, value) => {
    const found = await stage.session.query!(named(text));
    expect(typeof value === 'number' ? Number(found) : found).toEqual(value);
  });

  it.each([
    ["INSERT INTO TABLE VALUE {'id': 2}", 'INVALID_DOCUMENT'],
    ['EXISTS(SELECT id FROM TABLE WHERE id = 1)', 'INVALID_DOCUMENT'],
    ['', 'INVALID_DOCUMENT'],
    ['SELECT FROM', 'STATEMENT_FAILED'],
  ])('%j is refused: %s', async (text, code) => {
    await expect(stage.session.query!(named(text))).rejects.toMatchObject({ code });
  });
});
