import { type Conditions, isPolyshiftError } from '@polyshift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from './harness.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(`
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE t (id integer PRIMARY KEY, name text, n integer, price numeric(8,2), f double precision, at timestamptz, ok boolean,
      code char(3), feeling mood, data jsonb, raw json, tags text[], bits bit(3), "odd""; --" text);
    INSERT INTO t VALUES
      (1, 'Ann', 10, 1.50, 0.5, '2024-01-01T00:00:00Z', true, 'a', 'sad', '{"a": 1}', '[1]', '{x,y}', B'101', 'q'),
      (2, 'O''Brien', 20, 2.25, 1.5, '2024-06-01T00:00:00Z', false, 'b', 'ok', '{"a": 2}', '{}', '{}', B'000', NULL),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (4, '100%_x\\', -5, -0.01, 'NaN', '2023-12-31T23:59:59.999999Z', true, 'abc', 'ok', '"s"', 'null', '{x,NULL}', B'111', '');`);
});

afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

async function ids(conditions: Conditions): Promise<number[]> {
  const scan = await database.session.source!.scan({ collection: 't', conditions });
  const found: number[] = [];
  for (const partition of await scan.partitions(1)) {
    for await (const { batch } of scan.read(partition, { batch_size: 2 })) {
      if (batch.kind === 'rows') found.push(...batch.rows.map((row) => Number(row[0])));
    }
  }
  // COPY with literals of the server's quoting, and a statement with bound values, must agree.
  expect(await scan.count()).toBe(found.length);
  expect(await database.session.count('t', conditions)).toBe(found.length);
  await scan[Symbol.asyncDispose]();
  return found;
}

describe('conditions', () => {
  it.each<[Conditions, number[]]>([
    [{}, [1, 2, 3, 4]],
    [{ name: 'Ann' }, [1]],
    [{ name: "O'Brien" }, [2]],
    [{ name: '100%_x\\' }, [4]],
    [{ name: null }, [3]],
    [{ name: { ne: 'Ann' } }, [2, 3, 4]],
    [{ name: { ne: null } }, [1, 2, 4]],
    [{ name: { in: ['Ann', null, "x'; DROP TABLE t; --"] } }, [1]],
    [{ name: { nin: ['Ann'] } }, [2, 3, 4]],
    [{ name: { nin: [] } }, [1, 2, 3, 4]],
    [{ name: { in: [] } }, []],
    [{ name: { is_null: false } }, [1, 2, 4]],
    [{ name: { like: '1%' } }, [4]],
    [{ name: { like: '100\\%\\_x\\\\' } }, [4]],
    [{ n: { gt: 9.5 } }, [1, 2]],
    [{ n: { lt: 10 } }, [4]],
    [{ n: { gte: 10, lte: 10 } }, [1]],
    [{ n: { lt: 1e12 } }, [1, 2, 4]],
    [{ n: '20' }, [2]],
    [{ n: { not: { gt: 15 } } }, [1, 3, 4]],
    [{ not: { n: { gt: 15 } } }, [1, 3, 4]],
    [{ or: [{ n: 10 }, { name: { is_null: true } }] }, [1, 3]],
    [{ and: [{ n: { gt: 0 } }, { ok: false }] }, [2]],
    [{ price: 1.5 }, [1]],
    [{ price: { gt: 1.499 } }, [1, 2]],
    [{ price: '2.250' }, [2]],
    [{ f: { gte: 1 } }, [2, 4]],
    [{ f: 'NaN' }, [4]],
    [{ at: { gte: '2024-01-01' } }, [1, 2]],
    [{ at: '2024-01-01T00:00:00Z' }, [1]],
    [{ at: { lt: '2024-01-01T01:00:00+01:00' } }, [4]],
    [{ ok: true }, [1, 4]],
    [{ code: 'a' }, [1]],
    [{ code: { gt: 'abb' } }, [2, 4]],
    [{ feeling: { ne: 'ok' } }, [1, 3]],
    [{ feeling: { gt: 'sad' } }, [2, 4]],
    [{ data: { eq: { a: 1 } } }, [1]],
    [{ data: 's' }, [4]],
    [{ raw: { eq: [1] } }, [1]],
    [{ tags: { eq: ['x', 'y'] } }, [1]],
    [{ bits: '101' }, [1]],
    [{ 'odd"; --': 'q' }, [1]],
    [{ id: { in: [1, 3.5, 4] } }, [1, 4]],
  ])('%j', async (conditions, expected) => {
    expect(await ids(conditions)).toEqual(expected);
  });

  it.each<[Conditions, string]>([
    [{ nmae: 1 }, 'UNKNOWN_FIELD'],
    [{ n: 'ten' }, 'INVALID_DOCUMENT'],
    [{ ok: 'maybe' }, 'INVALID_DOCUMENT'],
    [{ at: '2024-99-99' }, 'INVALID_DOCUMENT'],
    [{ feeling: 'angry' }, 'INVALID_DOCUMENT'],
    [{ price: { in: 5 } }, 'INVALID_DOCUMENT'],
  ])('%j is refused', async (conditions, code) => {
    const error = await database.session.source!.scan({ collection: 't', conditions }).catch((caught: unknown) => caught);
    expect(isPolyshiftError(error) ? error.code : error).toBe(code);
  });

  it('suggests the name that was meant', async () => {
    await expect(database.session.count('t', { nmae: 1 })).rejects.toMatchObject({ hint: 'Did you mean name?' });
    await expect(database.session.count('tt')).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION', hint: 'Did you mean t?' });
  });
});
