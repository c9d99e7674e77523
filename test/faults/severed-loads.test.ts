import {
  type DeadLetter,
  type Engine,
  type FaultPlace,
  faultPlaces,
  type LoadedSpec,
  localEngine,
  retryDeadLetters,
  rollbackEtl,
  runEtl,
  verifyEtl,
} from '@polyshift/etl';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dependencies, FaultStage } from './stage.ts';
import { faultStores } from './stores.ts';

const store = faultStores.find(([server]) => server === 'mongodb')![1];
const rowCount = 60;
const runPlaces = faultPlaces.filter((place) => !/^etl\.(?:rollback|letters|index|indexes|split)_/.test(place));
const splitPlaces = faultPlaces.filter((place) => place.startsWith('etl.split_'));
/** One chunk, and two free places that cut it. */
const cutting: Engine = { ...localEngine(3), chunks: async () => 1 };
const indexPlaces = faultPlaces.filter((place) => /^etl\.index(?:es)?_/.test(place));
const rollbackPlaces = faultPlaces.filter((place) => place.startsWith('etl.rollback_'));
const retryPlaces = ['etl.before_write', 'etl.after_write', 'etl.letters_kept', 'etl.letters_gone'] as const;

let stage: FaultStage;
let client: MongoClient;
beforeAll(async () => {
  stage = await FaultStage.open(store);
  client = await new MongoClient(stage.targetUrl).connect();
  await stage.sql.query(`CREATE TABLE people (id int PRIMARY KEY, name text, code text);
    INSERT INTO people SELECT i, 'name ' || i, i FROM generate_series(1, ${rowCount}) AS i;
    ANALYZE people`);
});
afterAll(async () => {
  await client?.close();
  await stage?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  stage.proxy.heal();
  await stage.sql.query('UPDATE people SET code = id');
});

const collection = (name: string) => client.db().collection<{ _id: number; name?: string; code?: unknown }>(name);
const content = (name: string) => collection(name).find().sort({ _id: 1 }).toArray();
const leftovers = async () =>
  (await client.db().listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => name.includes('etl_'));

/** Cuts the target off at the nth time that a place is passed: as after a kill, the lock is not given back. */
function severedAt(place: FaultPlace, times: number) {
  let left = times;
  return dependencies({
    retries: 0,
    fault: (passed) => {
      if (passed !== place || --left !== 0) return;
      stage.goAway();
      throw new Error(`severed at ${place}`);
    },
  });
}

/** Sees that a call is severed; then the target is there again, and the lease of the dead has ended. */
async function severed(name: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => new Error('it was not severed'),
    (thrown: unknown) => thrown,
  );
  stage.proxy.heal();
  await stage.session.locks.breakLock(`etl:${name}`);
  // At the end of a chunk other writes may have lost their connection first.
  expect(String((error as Error).message)).toMatch(/severed at|connection|closed|ECONN/i);
}

describe.each(['absent', 'filled'] as const)('a load from PostgreSQL into a collection of MongoDB that was %s', (before) => {
  const spec = (name: string, batch_size = 20): LoadedSpec =>
    stage.spec(
      name,
      [
        { type: 'extract', source_table: 'people', batch_size },
        { type: 'transform', transformation_rules: { _id: 'id', name: 'name' } },
        { type: 'load', target_table: name, batch_size: 10, mode: before === 'filled' ? 'upsert' : 'insert' },
      ],
      { checks: { after: [{ check: 'same_rows' }] }, partitions: 2 },
    );
  const prepared = async (name: string): Promise<unknown[]> => {
    if (before === 'absent') return [];
    await collection(name).insertMany([5, 6, 7, 900].map((id) => ({ _id: id, name: `old ${id}` })));
    return content(name);
  };
  const undisturbed = () => [
    ...Array.from({ length: rowCount }, (_, index) => ({ _id: index + 1, name: `name ${index + 1}` })),
    ...(before === 'filled' ? [{ _id: 900, name: 'old 900' }] : []),
  ];

  it.each(runPlaces)('severed at %s goes on to what an undisturbed one gives, and goes back exactly', async (place) => {
    const name = `${before}_${place.slice(4)}`;
    const start = await prepared(name);
    await severed(name, runEtl(spec(name), severedAt(place, ['etl.after_write', 'etl.before_write'].includes(place) ? 3 : 1)));
    const report = await runEtl(spec(name), dependencies());
    expect(report).toMatchObject({ rows_read: rowCount, rows_rejected: 0 });
    expect(await content(name)).toEqual(undisturbed());
    expect((await verifyEtl(spec(name), dependencies())).ok).toBe(true);
    while ((await rollbackEtl(spec(name), dependencies())).earlier_loads > 0);
    expect(await content(name)).toEqual(start);
    expect(await leftovers()).toEqual([]);
  });

  it.each(splitPlaces.flatMap((place) => [1, 2].map((times) => [place, times] as const)))(
    'severed at %s (%i) goes on to what an undisturbed one gives, and goes back exactly',
    async (place, times) => {
      const name = `${before}_${place.slice(4)}_${times}`;
      const start = await prepared(name);
      await severed(name, runEtl(spec(name, 3), { ...severedAt(place, times), engine: cutting }));
      const report = await runEtl(spec(name, 3), { ...dependencies(), engine: cutting });
      expect(report).toMatchObject({ rows_read: rowCount, rows_rejected: 0 });
      expect(await content(name)).toEqual(undisturbed());
      expect((await verifyEtl(spec(name, 3), dependencies())).ok).toBe(true);
      while ((await rollbackEtl(spec(name, 3), dependencies())).earlier_loads > 0);
      expect(await content(name)).toEqual(start);
      expect(await leftovers()).toEqual([]);
    },
  );

  it.each(rollbackPlaces)('taken back, and severed at %s, is taken back exactly by the next one', async (place) => {
    const name = `${before}_${place.slice(4)}`;
    const start = await prepared(name);
    await severed(name, runEtl(spec(name), severedAt('etl.after_write', 4)));
    await severed(name, rollbackEtl(spec(name), severedAt(place, 1)));
    const again = await rollbackEtl(spec(name), dependencies()).catch((error: { code?: string }) => error.code);
    // At the last place everything was done.
    if (place === 'etl.rollback_done') expect(again).toBe('NO_RUN');
    expect(await content(name)).toEqual(start);
    expect(await leftovers()).toEqual([]);
  });
});

it.each(indexPlaces)(
  'a load that drops indexes, severed at %s, has them there again when it has gone on, and when it is taken back',
  async (place) => {
    const name = place.slice(4);
    const spec = (): LoadedSpec =>
      stage.spec(name, [
        { type: 'extract', source_table: 'people', batch_size: 20 },
        { type: 'transform', transformation_rules: { _id: 'id', name: 'name' } },
        { type: 'load', target_table: name, batch_size: 10, indexes: 'rebuild' },
      ]);
    await collection(name).createIndexes([
      { key: { name: 1 }, name: 'by_name', sparse: true },
      { key: { code: -1 }, name: 'by_code', partialFilterExpression: { code: { $gt: 1 } } },
    ]);
    const indexes = async () => Object.fromEntries((await collection(name).indexes()).map((index) => [index.name, index]));
    const before = await indexes();
    await severed(name, runEtl(spec(), severedAt(place, 1)));
    expect(await runEtl(spec(), dependencies())).toMatchObject({ rows_read: rowCount, rows_rejected: 0 });
    expect(await indexes()).toEqual(before);
    await rollbackEtl(spec(), dependencies());
    expect(await indexes()).toEqual(before);
    expect(await content(name)).toEqual([]);
  },
);

describe.each(['file', 'table'] as const)('dead letters in a %s', (kind) => {
  const spec = (name: string): LoadedSpec =>
    stage.spec(
      name,
      [
        { type: 'extract', source_table: 'people', batch_size: 20 },
        {
          type: 'transform',
          transformation_rules: { _id: 'id', code: { type: 'function', function: 'cast', args: ['code', { value: 'int32' }] } },
        },
        { type: 'load', target_table: name, batch_size: 10 },
      ],
      { max_rejected: 10, ...(kind === 'table' ? { dead_letters: { table: `${name}_letters` } } : {}) },
    );

  it.each(retryPlaces.flatMap((place) => [1, 2].map((times) => [place, times] as const)))(
    'of a retry that is severed at %s (%i): no row is loaded twice, and no letter is lost',
    async (place, times) => {
      const name = `letters_${kind}_${place.slice(4)}_${times}`;
      await stage.sql.query("UPDATE people SET code = 'x' WHERE id IN (4, 5, 6, 7)");
      expect(await runEtl(spec(name), dependencies())).toMatchObject({ rows_inserted: rowCount - 4, rows_rejected: 4 });
      // Two are corrected, two are not.
      await stage.sql.query('UPDATE people SET code = id WHERE id IN (4, 6)');
      const call = retryDeadLetters(spec(name), severedAt(place, times));
      // There is one write in all.
      if (times > 1 && place.endsWith('_write')) await call;
      else await severed(name, call);
      await retryDeadLetters(spec(name), dependencies());
      const last = await retryDeadLetters(spec(name), dependencies());
      expect(last).toMatchObject({ letters: 2, loaded: 0, rejected: 2, not_found: 0, rows_written: 0 });
      expect(last.left.map(({ key }: Pick<DeadLetter, 'key'>) => key).sort()).toEqual([5, 7]);
      expect((await content(name)).map(({ _id }) => _id)).toEqual(
        Array.from({ length: rowCount }, (_, index) => index + 1).filter((id) => id !== 5 && id !== 7),
      );
      await stage.sql.query('UPDATE people SET code = id');
      expect(await retryDeadLetters(spec(name), dependencies())).toMatchObject({
        letters: 2,
        loaded: 2,
        rows_written: 2,
        left: [],
      });
      expect(await collection(name).countDocuments()).toBe(rowCount);
      expect((await verifyEtl(spec(name), dependencies())).ok).toBe(true);
      // What others write is still told from the load's own.
      await collection(name).insertOne({ _id: 1000 });
      await expect(rollbackEtl(spec(name), dependencies())).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
      await collection(name).deleteOne({ _id: 1000 });
      await rollbackEtl(spec(name), dependencies());
      expect(await content(name)).toEqual([]);
    },
  );
});
