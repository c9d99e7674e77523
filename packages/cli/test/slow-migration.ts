import { expect } from 'vitest';
import { type StoreProject, sql, storeProject } from './stores.ts';

const rows = 400;

/** Adds 1 to `n` of every row in 20 batches, with a pause after each: done twice or not at all, a row shows it. */
const migration = `operations:
  - type: migrate_data
    collection: numbers
    data: { set: { n: n + 1 } }
    batch_size: 20
`;

/** A project on PostgreSQL with a migration that would take a minute: long enough for whatever is to come in between. */
export async function slowProject(settings = ''): Promise<StoreProject> {
  const project = await storeProject('postgresql', { 'migrations/0001_slow.yaml': migration }, `pause_ms: 3000\n${settings}`);
  await sql(
    project.url,
    `CREATE TABLE numbers (id int PRIMARY KEY, n int NOT NULL); INSERT INTO numbers SELECT i, i FROM generate_series(1, ${rows}) AS i`,
  );
  return project;
}

/** Lets the next runs go without pauses. */
export async function hurry(project: StoreProject): Promise<void> {
  const config = await project.read('polyshift.config.yaml');
  await project.write('polyshift.config.yaml', config.replace(/pause_ms: \d+/, 'pause_ms: 0'));
}

/** What an operation shows once its first batches are done. */
export const underWay = /migrate_data on numbers: \d+ /;

/** Checks that every row has had `added` put on it, once. */
export async function expectAdded(project: StoreProject, added: number): Promise<void> {
  const [counts] = await sql<{ right: string; all: string }>(
    project.url,
    `SELECT count(*) FILTER (WHERE n = id + ${added}) AS "right", count(*) AS "all" FROM numbers`,
  );
  expect(counts).toEqual({ right: String(rows), all: String(rows) });
}
