import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Adapter, PortableValue, StoreSession } from '@polyshift/core';
import { type EtlDependencies, type LoadedSpec, parseSpec, planEtl, rollbackEtl, runEtl, verifyEtl } from '@polyshift/etl';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import { sameValue } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusBatch, corpusColumns, corpusFields } from './corpus.ts';
import { type ReadRow, readRows } from './read-rows.ts';
import { keyOf, type MatrixStore, matrixStores } from './stores.ts';

const total = corpusBatch('id').rows.length;
/** Rows that have a value of every field, or of none: no store has a reason to refuse them. */
const ordinaryRows = 3;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-matrix-'));
});
afterAll(() => rm(folder, { recursive: true }));

const dependencies: EtlDependencies = {
  resolveAdapter: (type): Adapter => matrixStores.find(({ adapter }) => adapter.store === type)!.adapter,
};

describe.each(matrixStores.map((store) => [store.server, store] as const))('from %s', (_name, from) => {
  let source: FreshDatabase;
  let corpus: Map<string, ReadRow>;

  beforeAll(async () => {
    source = await freshDatabase(await sharedServer(from.server), 'matrix');
    await using session = await from.adapter.connect(source.url);
    await seedCorpus(from.adapter, session);
    corpus = await readRows(session, 'corpus', keyOf(from.adapter));
  });
  afterAll(() => source?.drop());

  it('the corpus itself is there, every ordinary value as it was', () => {
    const key = keyOf(from.adapter);
    const { columns, rows } = corpusBatch(key);
    for (const row of rows.slice(0, ordinaryRows)) {
      const found = corpus.get(String(row[0]));
      for (const [index, column] of columns.entries()) {
        const back = found?.get(column.name);
        const value = row[index] as PortableValue;
        const same =
          value === null ? back === undefined : back !== undefined && sameValue(column.type, value, back.type, back.value);
        expect(same, `${column.name} ${String(value)} came back as ${String(back?.value)}`).toBe(true);
      }
    }
  });

  it.each(matrixStores.map((store) => [store.server, store] as const))(
    'to %s: exact, or named; verified; and back',
    async (_target, to) => {
      const target = await freshDatabase(await sharedServer(to.server), 'matrix');
      try {
        await using session = await to.adapter.connect(target.url);
        const spec = specOf(from, source.url, to, target.url);
        const plan = await planEtl(spec, dependencies);
        const report = await runEtl(spec, dependencies);

        expect([report.outcome, report.rows_read]).toEqual(['done', corpus.size]);
        expect(report.rows_inserted + report.rows_rejected).toBe(corpus.size);
        const letters = await rejectedKeys(report.rejected_file);
        expect(letters.size).toBe(report.rows_rejected);
        for (let row = 1; row <= ordinaryRows; row++)
          expect(letters.get(String(row)), `the ordinary row ${row} was rejected`).toBeUndefined();

        const lossy = new Set(report.losses.map((loss) => loss.field));
        const planned = new Map(plan.fields.map((field) => [field.target, field]));
        // Where documents go through as they are, a plan has no fields.
        for (const field of planned.size > 0 ? lossy : [])
          expect(planned.get(field)?.notes, `the plan names what ${field} can lose`).not.toEqual([]);
        const loaded = await readRows(session, 'corpus', plan.target.key[0]!);
        expect(loaded.size).toBe(report.rows_inserted);
        expect(differences(corpus, loaded, letters, lossy, keyOf(from.adapter))).toEqual([]);

        const proof = await verifyEtl(spec, dependencies);
        expect(proof.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
        expect(proof.checksums.source).toBe(proof.checksums.target);

        await rollbackEtl(spec, dependencies);
        expect(Object.keys((await session.introspect()).collections)).toEqual([]);
      } finally {
        await target.drop();
      }
    },
  );
});

/** Loads the corpus through the adapter's own sink; what the store refuses is left out, what it cannot hold exactly is written as near as it can. */
async function seedCorpus(adapter: Adapter, session: StoreSession): Promise<void> {
  const key = keyOf(adapter);
  const target = {
    collection: 'corpus',
    columns: corpusColumns(key),
    dynamic: false,
    key: [key],
    mode: 'insert' as const,
    on_loss: 'nearest' as const,
    aside: 'seed',
  };
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const encoded = writer.encode(corpusBatch(key));
  const result = await writer.write(encoded.batch, { replay: false });
  await writer.finish();
  expect(encoded.rejected.length + result.rejected.length + result.inserted).toBe(total);
  for (const { index } of encoded.rejected) expect(index, 'an ordinary row was refused').toBeGreaterThanOrEqual(ordinaryRows);
}

function specOf(from: MatrixStore, sourceUrl: string, to: MatrixStore, targetUrl: string): LoadedSpec {
  const name = `corpus_${from.server}_${to.server}`;
  return parseSpec(
    {
      name,
      source: { type: from.adapter.store, url: sourceUrl },
      target: { type: to.adapter.store, url: targetUrl },
      max_rejected: '100%',
      dead_letters: { file: join(folder, `${name}.rejected.ndjson`) },
      steps: [
        { type: 'extract', source_table: 'corpus', batch_size: 20 },
        { type: 'load', target_table: 'corpus', batch_size: 15 },
      ],
    },
    { cwd: folder },
  );
}

/** The keys of the rows in the dead-letter file, with why. */
async function rejectedKeys(file: string | null): Promise<Map<string, string>> {
  if (file === null) return new Map();
  const letters = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: unknown; code: string; message: string });
  for (const letter of letters) expect([letter.code.length > 3, letter.message.length > 3]).toEqual([true, true]);
  return new Map(
    letters.map(({ key, code, message }) => [
      String(typeof key === 'object' && key !== null ? Object.values(key)[0] : key),
      `${code}: ${message}`,
    ]),
  );
}

/** Where the target does not hold what the source does, but for rows that were rejected and fields whose losses were counted. */
function differences(
  source: ReadonlyMap<string, ReadRow>,
  target: ReadonlyMap<string, ReadRow>,
  rejected: ReadonlyMap<string, string>,
  lossy: ReadonlySet<string>,
  sourceKey: string,
): string[] {
  const found: string[] = [];
  for (const [id, row] of source) {
    const loaded = target.get(id);
    if (rejected.has(id)) {
      if (loaded) found.push(`the row ${id} was rejected (${rejected.get(id)}) and is there`);
      continue;
    }
    if (!loaded) {
      found.push(`the row ${id} is missing`);
      continue;
    }
    for (const field of Object.keys(corpusFields)) {
      const [value, back] = [row.get(field), loaded.get(field)];
      if (lossy.has(field) || field === sourceKey) continue;
      if (value === undefined ? back === undefined : back && sameValue(value.type, value.value, back.type, back.value)) continue;
      found.push(
        `${field} of ${id}: ${value?.type.kind} ${String(value?.value)} came as ${back?.type.kind} ${String(back?.value)}`,
      );
    }
  }
  for (const id of target.keys()) if (!source.has(id)) found.push(`the row ${id} is in the target alone`);
  return found;
}
