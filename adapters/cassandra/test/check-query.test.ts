import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.cql(
    'CREATE TABLE sales (id int PRIMARY KEY, total decimal, big varint, paid boolean, at timestamp, bytes blob, tags set<text>, parts map<text, int>)',
    "INSERT INTO sales (id, total, big, paid, at, bytes, tags, parts) VALUES (1, 12.50, 12345678901234567890, true, '2026-01-02T03:04:05.006Z', 0xcafe, {'a', 'b'}, {'x': 1})",
    'INSERT INTO sales (id, total) VALUES (2, 0.25)',
  );
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('a query of a check', () => {
  it.each<[string, unknown]>([
    ['SELECT count(*) FROM sales', 2],
    ['SELECT sum(total) FROM sales -- exact', '12.75'],
    ['SELECT big FROM sales WHERE id = 1', '12345678901234567890'],
    ['select paid from sales where id = 1;', true],
    ['SELECT at FROM sales WHERE id = 1', '2026-01-02T03:04:05.006Z'],
    ['SELECT bytes FROM sales WHERE id = 1', 'cafe'],
    ['SELECT tags FROM sales WHERE id = 1', ['a', 'b']],
    ['SELECT parts FROM sales WHERE id = 1', { x: 1 }],
    ['SELECT paid FROM sales WHERE id = 2', null],
    ['SELECT id FROM sales WHERE total = 0.25 ALLOW FILTERING', 2],
    ["SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'system'", 'system'],
  ])('%s gives %j', async (text, value) => {
    expect(await stage.session.query!(text)).toEqual(value);
  });

  it.each([
    ['SELECT 1 FROM sales; SELECT 2 FROM sales', 'INVALID_DOCUMENT'],
    ['BEGIN BATCH DELETE FROM sales WHERE id = 1 APPLY BATCH', 'INVALID_DOCUMENT'],
    ['INSERT INTO sales (id) VALUES (3) IF NOT EXISTS', 'INVALID_DOCUMENT'],
    ['-- nothing', 'INVALID_DOCUMENT'],
    ["SELECT 'open", 'INVALID_SYNTAX'],
    ['SELECT nothing FROM sales', 'UNKNOWN_FIELD'],
    ['SELECT id FROM nothing', 'UNKNOWN_COLLECTION'],
  ])('%s is refused: %s', async (text, code) => {
    await expect(stage.session.query!(text)).rejects.toMatchObject({ code });
  });
});
