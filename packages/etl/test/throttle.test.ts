import { keepThrottle, type StoreSession } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EtlDependencies, type EtlEvent, runEtl } from '../src/index.ts';
import { dependencies, failureOf, twoStores } from './two-stores.ts';

const rows = 200;
const world = twoStores();
let other: StoreSession;
let events: EtlEvent[];
let stop: AbortController;

beforeEach(async () => {
  await world.sql.query('CREATE TABLE numbers AS SELECT i AS id FROM generate_series(1, 200) AS i');
  await world.sql.query('ALTER TABLE numbers ADD PRIMARY KEY (id)');
  other = await mongodb.connect(world.mongodb.url);
  events = [];
  stop = new AbortController();
});

afterEach(() => other.close());

/** Runs a load of many small writes. */
function run(more: Partial<EtlDependencies> = {}): Promise<unknown> {
  const spec = world.spec({
    concurrency: 2,
    steps: [
      { type: 'extract', source_table: 'numbers', batch_size: 5 },
      { type: 'transform', transformation_rules: { _id: 'id' } },
      { type: 'load', target_table: 'numbers', batch_size: 5 },
    ],
  });
  const result = runEtl(spec, dependencies({ emit: (event) => void events.push(event), signal: stop.signal, ...more }));
  result.catch(() => undefined);
  return result;
}

const loaded = () => world.documents.collection('numbers').countDocuments();

async function waiting(reason: RegExp): Promise<void> {
  await expect
    .poll(() => events.filter(({ kind }) => kind === 'throttled').at(-1), { timeout: 20_000 })
    .toMatchObject({ waiting: true, reason: expect.stringMatching(reason) });
}

it('a load is held by another session of its target, stands still, and goes on', async () => {
  const result = run({ throttle: { configuration: { pause_ms: 100 } } });
  await expect.poll(loaded, { timeout: 20_000 }).toBeGreaterThan(10);
  await keepThrottle(other.journal, { paused: true });
  await waiting(/^held by `polyshift throttle --hold`$/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const held = await loaded();
  expect(held).toBeLessThan(rows);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await loaded()).toBe(held);
  await keepThrottle(other.journal, { paused: false, pause_ms: 0 });
  await result;
  expect(await loaded()).toBe(rows);
  expect(events.filter(({ kind }) => kind === 'throttled').at(-1)).toMatchObject({ waiting: false });
});

it('a load that is stopped while it waits is resumed', async () => {
  await other.journal.ensure();
  await keepThrottle(other.journal, { query: '{"aggregate": "orders", "pipeline": [{"$nonsense": 1}]}' });
  const result = run();
  await waiting(/^the query fails: /);
  stop.abort();
  expect(await failureOf(result)).toMatchObject({ code: 'STOPPED', exit: 5 });
  await keepThrottle(other.journal, { query: null });
  stop = new AbortController();
  await run();
  expect(await loaded()).toBe(rows);
});
