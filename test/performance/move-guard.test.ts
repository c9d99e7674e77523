import { parseSpec, rollbackEtl, runEtl } from '@polyshift/etl';
import { mongodb } from '@polyshift/mongodb';
import { postgresql } from '@polyshift/postgresql';
import { freshDatabase } from '@polyshift/testkit';
import { Decimal128, MongoClient } from 'mongodb';
import pg from 'pg';
import { expect, inject, it } from 'vitest';

const rows = 20_000;
const rounds = 3;
/**
 * Processor time of a move against that of reading the rows by their text and inserting ready documents by the driver, at most. It is about 1.8 with so few
 * rows, below 1 with a million; the margin is wide because this guards against a mistake that makes every row dear, and nothing less.
 */
const most = 4;

const columns = `
  CREATE TABLE people (id bigint PRIMARY KEY, external_id uuid, name text, balance numeric(12,2), score float8, active boolean, tags text[], settings jsonb, created_at timestamptz);
  INSERT INTO people SELECT i, md5(i::text)::uuid, 'Person ' || i, i / 100.0, i / 7.0::float8, i % 3 = 0, ARRAY['a' || i % 10, 'b'],
    jsonb_build_object('theme', 'dark', 'size', i % 20), timestamptz '2020-01-01Z' + i * interval '1 second' FROM generate_series(1, ${rows}) i;
  ANALYZE people`;

const fields = ['external_id', 'name', 'balance', 'score', 'active', 'tags', 'settings', 'created_at'];

/** Seconds of processor that this process spends on some work. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const median = (values: number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]!;

it(`moves rows from PostgreSQL to MongoDB with at most ${most} times the processor time of the bare drivers`, async () => {
  await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
  await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
  const reader = new pg.Client({ connectionString: source.url });
  const writer = new MongoClient(target.url);
  await reader.connect();
  await writer.connect();
  try {
    await reader.query(columns);
    const bare = writer.db().collection<{ _id: unknown }>('bare');
    const spec = parseSpec({
      name: 'guard',
      source: { type: 'postgresql', url: source.url },
      target: { type: 'mongodb', url: target.url },
      steps: [
        { type: 'extract', source_table: 'people' },
        {
          type: 'transform',
          transformation_rules: { _id: 'id', ...Object.fromEntries(fields.map((name) => [name, name])) },
        },
        { type: 'load', target_table: 'people' },
      ],
    });
    const dependencies = { resolveAdapter: (type: string) => (type === 'mongodb' ? mongodb : postgresql) };
    const bareSeconds: number[] = [];
    const moveSeconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await bare.deleteMany({});
      bareSeconds.push(
        await seconds(async () => {
          const { rows: texts } = await reader.query({
            text: 'SELECT * FROM people',
            types: { getTypeParser: () => String } as never,
          });
          expect(texts).toHaveLength(rows);
        }),
      );
      const documents = Array.from({ length: rows }, (_, index) => documentOf(index));
      bareSeconds[round]! += await seconds(async () => {
        for (let from = 0; from < rows; from += 1000)
          await bare.insertMany(documents.slice(from, from + 1000), { ordered: false });
      });
      moveSeconds.push(
        await seconds(async () => {
          expect(await runEtl(spec, dependencies)).toMatchObject({ outcome: 'done', rows_written: rows });
        }),
      );
      await rollbackEtl(spec, dependencies);
    }
    expect(median(moveSeconds.map((each, round) => each / bareSeconds[round]!))).toBeLessThan(most);
  } finally {
    await reader.end();
    await writer.close();
  }
});

function documentOf(index: number): { _id: unknown } & Record<string, unknown> {
  return {
    _id: BigInt(index),
    external_id: `c4ca4238-a0b9-2382-0dcc-${String(index).padStart(12, '0')}`,
    name: `Person ${index}`,
    balance: Decimal128.fromString((index / 100).toFixed(2)),
    score: index / 7,
    active: index % 3 === 0,
    tags: [`a${index % 10}`, 'b'],
    settings: { theme: 'dark', size: index % 20 },
    created_at: new Date(1_577_836_800_000 + index * 1000),
  };
}
