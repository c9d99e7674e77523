import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { type FreshDatabase, freshDatabase, loadUsers } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type Engine,
  type EtlDependencies,
  type EtlEvent,
  localEngine,
  parseSpec,
  runEtl,
  type SpecInput,
  verifyEtl,
} from '../src/index.ts';

const rows = 12_000;
let folder = '';
let people: FreshDatabase;
let documents: FreshDatabase;
let target: FreshDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-split-'));
  people = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'split_from');
  documents = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'split_documents');
  target = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'split_to');
  await loadUsers(people.url, { rows });
});

afterAll(async () => {
  await people?.drop();
  await documents?.drop();
  await target?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** One chunk, and two free places that cut it. */
const engine: Engine = { ...localEngine(3), chunks: async () => 1 };

const specOf = (name: string, source: SpecInput['source'], to: SpecInput['target']): SpecInput => ({
  name,
  source,
  target: to,
  steps: [
    { type: 'extract', source_table: 'users', batch_size: 100 },
    { type: 'load', target_table: 'users', batch_size: 100 },
  ],
});

async function loadTwice(spec: SpecInput): Promise<void> {
  const loaded = parseSpec(spec, { cwd: folder });
  const events: EtlEvent[] = [];
  const dependencies: EtlDependencies = {
    resolveAdapter: (type) => (type === 'mongodb' ? mongodb : postgresql),
    engine,
    retries: 0,
    emit: (event) => void events.push(event),
  };
  let cuts = 0;
  const broken = runEtl(loaded, {
    ...dependencies,
    fault: (place) => {
      if (place === 'etl.split_recorded' && ++cuts === 2) throw new Error('broken behind a cut');
    },
  });
  await expect(broken).rejects.toThrow('broken behind a cut');
  const report = await runEtl(loaded, dependencies);
  expect(report).toMatchObject({ resumed: true, rows_read: rows, rows_rejected: 0 });
  expect(report.rows_written + report.rows_already_there).toBe(rows);
  expect(events.filter(({ kind }) => kind === 'partition_finished').length).toBeGreaterThanOrEqual(3);
  expect(await verifyEtl(loaded, dependencies)).toMatchObject({ ok: true, expected_rows: rows, target_rows: rows });
}

describe('a chunk that is cut while it is read, in a run that breaks off and goes on', () => {
  // In their order: the second reads what the first has loaded.
  it('of PostgreSQL is loaded once into MongoDB', async () => {
    await loadTwice(specOf('people', { type: 'postgresql', url: people.url }, { type: 'mongodb', url: documents.url }));
  });

  it('of MongoDB is loaded once into PostgreSQL', async () => {
    await loadTwice(specOf('documents', { type: 'mongodb', url: documents.url }, { type: 'postgresql', url: target.url }));
  });
});
