import { compileConditions } from '@polyshift/adapter-kit';
import type { Conditions } from '@polyshift/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { filterExpression } from '../src/conditions.ts';
import { putItems } from '../src/rows/batch-write.ts';
import { Placeholders } from '../src/rows/expression.ts';
import { countItems, filteredPages } from '../src/rows/filtered-scan.ts';
import { tableName } from '../src/store.ts';
import type { AttributeValue, Item } from '../src/values/attribute.ts';
import { portableDocument } from '../src/values/from-attribute.ts';
import { Stage } from './stage.ts';

/** Every type of value, and those that only look alike. */
const values: (AttributeValue | undefined)[] = [
  undefined,
  { NULL: true },
  { N: '1' },
  { N: '1.50' },
  { N: '-3' },
  { N: '9007199254740993' },
  { S: '1' },
  { S: 'a' },
  { S: '' },
  { BOOL: true },
  { BOOL: false },
  { B: new Uint8Array([1]) },
  { L: [] },
  { L: [{ N: '1' }, { S: 'a' }] },
  { L: [{ NULL: true }] },
  { SS: ['a', 'b'] },
  { NS: ['1', '7'] },
  { M: { x: { N: '1' } } },
];

const operand = fc.constantFrom<(string | number | boolean | null)[]>(
  1,
  1.5,
  -3,
  0,
  1e200,
  '1',
  'a',
  '',
  '\\x01',
  true,
  false,
  null,
);
const comparison = fc.oneof(
  operand.map((eq) => ({ eq })),
  operand.map((ne) => ({ ne })),
  fc
    .constantFrom(1, 0, -3.5, 1e300)
    .chain((value) => fc.constantFrom({ gt: value }, { gte: value }, { lt: value }, { lte: value })),
  fc.array(operand, { maxLength: 3 }).map((list) => ({ in: list })),
  fc.array(operand, { maxLength: 3 }).map((list) => ({ nin: list })),
  fc.boolean().map((is_null) => ({ is_null })),
  fc.constantFrom('a%', '%', '1').map((like) => ({ like })),
);
const condition: fc.Arbitrary<Conditions> = fc.letrec<{ node: Conditions }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(fc.constantFrom('v', 'w', 'm.x'), comparison).map(([field, each]) => ({ [field]: each })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    tie('node').map((not) => ({ not })),
  ),
})).node;

describe('conditions', () => {
  let stage: Stage;
  const items: Item[] = values.flatMap((v, index) =>
    [0, 5, 11].map((offset): Item => {
      const w = values[(index + offset) % values.length];
      return { id: { N: String(index * 100 + offset) }, ...(v ? { v, m: { M: { x: v } } } : {}), ...(w ? { w } : {}) };
    }),
  );

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.table('items');
    await putItems(stage.store, tableName(stage.store, 'items'), items);
    return () => stage[Symbol.asyncDispose]();
  });

  it('choose the same items, whatever of them the service judges', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async (conditions) => {
        const meets = compileConditions(conditions);
        const expected = items.filter((item) => meets(portableDocument(item))).map((item) => item['id']!.N!);
        const found: string[] = [];
        const selection = { collection: 'items', conditions, fields: ['w'] };
        for await (const page of filteredPages(stage.store, selection, { segment: 0, total: 1 }, 10))
          found.push(...page.map((item) => item['id']!.N!));
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 80 },
    );
  });

  it('are judged by the service where that leaves something out', () => {
    const filtered = (conditions: Conditions) => filterExpression(conditions, new Placeholders());
    expect(filtered({ v: { is_null: true } })).toBe('(attribute_not_exists(#0) OR attribute_type(#0, :0))');
    expect(filtered({ not: { v: { eq: 1 } } })).toBe('NOT (#0 = :0)');
    expect(filtered({ v: 1, w: { like: 'a%' } })).toContain('#0 = :0');
    expect(filtered({ or: [{ v: 1 }, { w: { like: 'a%' } }] })).toBeUndefined();
    expect(filtered({ 'a.b': 1 })).toBeUndefined();
    expect(filtered({ v: { in: Array.from({ length: 500 }, (_, index) => index) } })).toBeUndefined();
  });

  it('count exactly', async () => {
    expect(await countItems(stage.store, 'items')).toBe(items.length);
    expect(await countItems(stage.store, 'items', { v: { in: Array.from({ length: 400 }, (_, index) => index) } })).toBe(9);
  });
});
