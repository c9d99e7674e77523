import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, loadTypedCorpus } from '@polyshift/testkit';
import { Binary, type Decimal128, Long, MongoClient } from 'mongodb';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { runCommand } from '../command/command.ts';

const spec = (target: string, more = '') => `
name: corpus
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: ${target}, url: "\${TARGET_URL}" }
${more}
steps:
  - { type: extract, source_table: typed_corpus }
  - { type: load, target_table: typed_corpus }
`;

/** A project folder with one spec, removed afterwards. */
async function withSpec(text: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-corpus-'));
  try {
    await writeFile(join(folder, 'corpus.yaml'), text);
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** How a MongoDB value is written where PostgreSQL can write the same by itself. */
function text(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Binary) return value.toString('hex');
  if (value instanceof Long) return value.toString();
  return String(value);
}

describe('every type of PostgreSQL', () => {
  it('comes to MongoDB exactly, or is named as a loss; and the whole load is verified', async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
    const rows = await loadTypedCorpus(source.url);
    const env = { PG_URL: source.url, TARGET_URL: target.url };
    await withSpec(spec('mongodb'), async (folder) => {
      const run = await runCommand(folder, env, 'etl', 'run', 'corpus.yaml', '--json');
      expect(run.code, run.stderr).toBe(0);
      const report = JSON.parse(run.stdout) as {
        losses: { field: string; count: number; example: { from: string; to: string } }[];
      };
      const lossy = new Set(report.losses.map((loss) => loss.field));
      for (const loss of report.losses) expect([loss.count > 0, loss.example.from !== ''], loss.field).toEqual([true, true]);
      // What BSON cannot hold at all: more than 34 digits, microseconds, infinite times.
      for (const field of ['numeric_value', 'timestamptz_value', 'timestamp_value']) expect([...lossy], field).toContain(field);
      // What it holds as it is.
      for (const field of [
        'boolean_value',
        'int2_value',
        'int4_value',
        'int8_value',
        'float8_value',
        'uuid_value',
        'bytea_value',
        'text_value',
      ]) {
        expect([...lossy], field).not.toContain(field);
      }
      const verified = await runCommand(folder, env, 'etl', 'verify', 'corpus.yaml', '--json');
      expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    });

    const expected = await query<Record<string, string | null>>(
      source.url,
      `SELECT int8_value::text, int4_value::text, boolean_value::text, text_value, replace(uuid_value::text, '-', '') AS uuid_value, encode(bytea_value, 'hex') AS bytea_value
       FROM typed_corpus ORDER BY id`,
    );
    const client = await MongoClient.connect(target.url, { promoteLongs: false });
    try {
      const documents = await client
        .db()
        .collection('typed_corpus')
        .find({}, { sort: { _id: 1 } })
        .toArray();
      expect(documents).toHaveLength(rows);
      for (const [index, row] of expected.entries()) {
        for (const [field, value] of Object.entries(row))
          expect(text(documents[index]![field]), `${field} of row ${index + 1}`).toBe(value);
      }
      const scaled = await query<{ v: string | null }>(
        source.url,
        'SELECT numeric_scaled_value::text AS v FROM typed_corpus WHERE numeric_scaled_value IS NOT NULL ORDER BY id',
      );
      const found = documents
        .map((document) => document['numeric_scaled_value'] as Decimal128 | null)
        .filter((value) => value !== null);
      expect(found).toHaveLength(scaled.length);
    } finally {
      await client.close();
    }
  });

  it('is refused where the spec says so, and then nothing is left behind', async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
    await loadTypedCorpus(source.url);
    const env = { PG_URL: source.url, TARGET_URL: target.url };
    await withSpec(spec('mongodb', 'on_loss: error'), async (folder) => {
      const run = await runCommand(folder, env, 'etl', 'run', 'corpus.yaml', '--json');
      expect(run.code, run.stderr).toBe(1);
      expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: expect.stringMatching(/LOSS_REFUSED|ROW_REJECTED/) } });
      expect((await runCommand(folder, env, 'etl', 'rollback', 'corpus.yaml', '--yes')).code).toBe(0);
    });
    const client = await MongoClient.connect(target.url);
    try {
      expect(await client.db().listCollections({ name: 'typed_corpus' }).toArray()).toEqual([]);
    } finally {
      await client.close();
    }
  });

  it('comes to another PostgreSQL to the letter', async () => {
    await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await using target = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
    await loadTypedCorpus(source.url);
    // The target has the types of its own (enum, domain, composite) and an empty table.
    await loadTypedCorpus(target.url);
    await query(target.url, 'TRUNCATE typed_corpus');
    const env = { PG_URL: source.url, TARGET_URL: target.url };
    await withSpec(spec('postgresql'), async (folder) => {
      const run = await runCommand(folder, env, 'etl', 'run', 'corpus.yaml', '--json');
      expect(run.code, run.stderr).toBe(0);
      expect((JSON.parse(run.stdout) as { losses: unknown[] }).losses).toEqual([]);
    });
    const all = 'SELECT t::text FROM typed_corpus t ORDER BY id';
    expect(await query(target.url, all)).toEqual(await query(source.url, all));
  });
});
