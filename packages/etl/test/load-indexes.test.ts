import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fingerprint, StoreSession } from '@polyshift/core';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  type EtlDependencies,
  type EtlEvent,
  etlFindings,
  etlStatus,
  type LoadedSpec,
  parseSpec,
  planEtl,
  rollbackEtl,
  runEtl,
  type SpecInput,
} from '../src/index.ts';
import { specChecksum } from '../src/spec/spec-checksum.ts';
import { indexedStores, type OpenStore, rowsBefore, rowsFrom } from './indexed-stores.ts';
import { loaded, specOf, worldOf } from './pipeline-world.ts';
import { failureOf } from './two-stores.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const servers = {
  postgresql: { store: 'postgresql', url: inject('postgresqlUrl') },
  mysql: await sharedServer('mysql'),
  mongodb: { store: 'mongodb', url: inject('mongodbUrl') },
} as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-indexes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(indexedStores)('indexes of a load into $type', ({ type, adapter, key, dropped, stays, open }) => {
  let database: FreshDatabase;
  let session: StoreSession;
  let store: OpenStore;
  let indexes: Record<string, unknown>;
  let before: Fingerprint;
  let events: EtlEvent[];
  beforeEach(async () => {
    events = [];
    database = await freshDatabase(servers[type], 'indexes');
    store = await open(database.url);
    session = await adapter.connect(database.url);
    indexes = await store.indexes();
    before = await session.fingerprint('people');
  });
  afterEach(async () => {
    await session?.close();
    await store?.[Symbol.asyncDispose]();
    await database?.drop();
  });

  const input = (load: object = {}, more: Partial<SpecInput> = {}): SpecInput =>
    ({
      name: 'indexed',
      source: { type, url: database.url },
      target: { type, url: database.url },
      steps: [
        { type: 'extract', source_table: 'people_from', batch_size: 100 },
        { type: 'load', target_table: 'people', key: [key], batch_size: 50, indexes: 'rebuild', ...load },
      ],
      ...more,
    }) as SpecInput;
  const spec = (load?: object, more?: Partial<SpecInput>): LoadedSpec => parseSpec(input(load, more), { cwd: folder });
  const dependencies = (more: Partial<EtlDependencies> = {}): EtlDependencies => ({
    resolveAdapter: () => adapter,
    emit: (event) => void events.push(event),
    retries: 0,
    lease_ttl_ms: 3000,
    wait_ms: 10_000,
    ...more,
  });
  /** Asks something once, in the middle of the load. */
  const meanwhile = (ask: () => Promise<void>): EtlDependencies => {
    let asked = false;
    return dependencies({
      fault: async (place) => {
        if (place !== 'etl.before_write' || asked) return;
        asked = true;
        await ask();
      },
    });
  };
  const kept = () => Object.fromEntries(Object.entries(indexes).filter(([name]) => name in stays));
  const isAsBefore = async () => {
    expect(await store.indexes()).toEqual(indexes);
    expect(await session.fingerprint('people')).toEqual(before);
  };
  const isLoaded = async () => {
    expect(await store.count()).toBe(rowsBefore + rowsFrom);
    expect(await store.indexes()).toEqual(indexes);
    expect((await session.fingerprint('people')).schema).toBe(before.schema);
  };

  it('are dropped but for those that are needed, built again as they were, and named all along', async () => {
    const plan = await planEtl(spec(), dependencies());
    expect(plan.targets[0]!.indexes!.dropped).toEqual(dropped);
    expect(Object.fromEntries(plan.targets[0]!.indexes!.stays.map(({ name, why }) => [name, why]))).toEqual(stays);
    for (const name of Object.keys(indexes))
      expect(
        plan.statements.filter((line) => line.includes(name)),
        name,
      ).not.toEqual([]);
    expect(plan.undo).toContain('builds the indexes again');
    expect(await store.indexes()).toEqual(indexes);
    await runEtl(
      spec(),
      meanwhile(async () => {
        expect(await store.indexes()).toEqual(kept());
        const [status] = await etlStatus(session);
        expect(status!.targets[0]!.indexes_dropped).toEqual(dropped);
        const [finding] = await etlFindings(session);
        expect(finding!.details.join('\n')).toContain(
          `indexes of people that were dropped for the load are missing: ${dropped.join(', ')}`,
        );
      }),
    );
    await isLoaded();
    const steps = events.flatMap((event) => (event.kind === 'progress' ? [event.step] : []));
    for (const name of dropped) expect(steps).toContain(`index ${name}`);
    expect((await etlStatus(session))[0]!.targets[0]!.indexes_dropped).toEqual([]);
    expect(await etlFindings(session)).toEqual([]);
    await rollbackEtl(spec(), dependencies());
    await isAsBefore();
  });

  it('stay where the spec does not say otherwise', async () => {
    const plan = await planEtl(spec({ indexes: undefined }), dependencies());
    expect(plan.targets[0]!.indexes).toBeUndefined();
    await runEtl(
      spec({ indexes: undefined }),
      meanwhile(async () => expect(await store.indexes()).toEqual(indexes)),
    );
    await isLoaded();
  });

  it('are there again after a load that failed, and are dropped again by the one that goes on', async () => {
    await store.setCode(rowsBefore + 220, 'code 1');
    expect((await failureOf(runEtl(spec(), dependencies()))).code).toBe('ROW_REJECTED');
    expect(await store.indexes()).toEqual(indexes);
    await store.setCode(rowsBefore + 220, 'a code of its own');
    let left: unknown;
    await runEtl(
      spec(),
      meanwhile(async () => {
        left = await store.indexes();
      }),
    );
    expect(left).toEqual(kept());
    await isLoaded();
    await rollbackEtl(spec(), dependencies());
    await isAsBefore();
  });

  it('are there again after a check that takes the load back', async () => {
    const checks: SpecInput['checks'] = {
      after: [{ check: 'row_count', collection: 'people', expect: { eq: 1 } }],
      on_failure: 'roll_back',
    };
    expect((await failureOf(runEtl(spec({}, { checks }), dependencies()))).code).toBe('CHECK_FAILED');
    await isAsBefore();
  });

  it('are missing after a stop, which waits for no build and says so, until the load is taken back', async () => {
    const stop = new AbortController();
    const options = { ...meanwhile(async () => stop.abort()), signal: stop.signal };
    const error = await failureOf(runEtl(spec(), options));
    expect([error.code, error.hint]).toEqual([
      'STOPPED',
      expect.stringContaining(`missing meanwhile: ${dropped.join(', ')} of people`),
    ]);
    const plan = await planEtl(spec(), dependencies());
    for (const name of dropped) expect(plan.statements.join('\n')).toContain(`index ${name} of people is missing`);
    const [finding] = await etlFindings(session);
    expect(finding!.choices.map(({ outcome }) => outcome).join('\n')).toMatch(
      /builds the indexes again\n.*indexes are built again/,
    );
    await rollbackEtl(spec(), dependencies());
    await isAsBefore();
  });

  it('are built again also where rows of others keep the load from being taken back', async () => {
    const stop = new AbortController();
    await failureOf(
      runEtl(spec(), {
        ...dependencies({ fault: (place) => void (place === 'etl.index_building' && stop.abort()) }),
        signal: stop.signal,
      }),
    );
    await store.write(rowsBefore + 5, 'somebody else');
    expect((await failureOf(rollbackEtl(spec(), dependencies()))).code).toBe('WRITTEN_SINCE');
    expect(await store.indexes()).toEqual(indexes);
  });

  it('are told apart from one that somebody has made meanwhile under the same name', async () => {
    const name = dropped[1]!;
    const error = await failureOf(
      runEtl(
        spec(),
        meanwhile(() => store.createOther(name)),
      ),
    );
    expect([error.code, error.message]).toEqual(['ALREADY_EXISTS', expect.stringContaining(name)]);
    await store.drop(name);
    await runEtl(spec(), dependencies());
    await isLoaded();
  });

  const killed = async (command: 'run' | 'rollback', place: string, times = 1): Promise<void> => {
    const file = join(folder, `${type}.json`);
    await writeFile(file, JSON.stringify(input()));
    const script = join(packageFolder, 'test', 'process', 'run-indexes.mjs');
    const child = spawn(process.execPath, [script, file, command, place, String(times)], {
      cwd: packageFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    const signal = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (_code, by) => resolve(by));
    });
    expect([signal, errors]).toEqual(['SIGKILL', '']);
  };

  // What is between the stores' own statements is the same for all: one of them is killed everywhere.
  const everywhere = [
    ['etl.indexes_recorded', 1],
    ['etl.before_write', 3],
    ['etl.indexes_restored', 1],
  ] as const;
  const atStatements = [
    ['etl.index_dropped', 2],
    ['etl.index_building', 1],
    ['etl.index_built', 2],
  ] as const;

  it.each([...(type === 'postgresql' ? everywhere : []), ...atStatements])(
    'killed at %s (%i): the run that goes on builds them, and so does its rollback',
    async (place, times) => {
      await killed('run', place, times);
      expect(await runEtl(spec(), dependencies())).toMatchObject({ outcome: 'done', resumed: true, rows_rejected: 0 });
      await isLoaded();
      await rollbackEtl(spec(), dependencies());
      await isAsBefore();
    },
  );

  it('killed in the middle, and while it was taken back: taken back, they are as they were', async () => {
    await killed('run', 'etl.before_write', 3);
    await killed('rollback', 'etl.index_built', 2);
    await rollbackEtl(spec(), dependencies());
    await isAsBefore();
  });
});

describe('what a spec says of indexes', () => {
  it('holds for children too, and decides nothing about the rows: it may change between a run that stopped and the one that goes on', async () => {
    const children = [{ field: 'tags', target_table: 'tags', foreign_key: { person: 'id' }, index_field: 'n' }];
    const [kept, rebuilt] = ['keep', 'rebuild'].map((indexes) => loaded(specOf({}, { load: { indexes, children } })));
    expect(kept!.flows[0]!.branches.map(({ indexes }) => indexes)).toEqual(['keep', 'keep']);
    expect(rebuilt!.flows[0]!.branches.map(({ indexes }) => indexes)).toEqual(['rebuild', 'rebuild']);
    expect(await specChecksum(kept!)).toBe(await specChecksum(rebuilt!));
  });

  it('is refused before anything is written where the target cannot do it', async () => {
    const world = worldOf(10);
    const error = await failureOf(runEtl(loaded(specOf({}, { load: { indexes: 'rebuild' } })), world.dependencies()));
    expect([error.code, error.place?.path]).toEqual(['UNSUPPORTED_OPERATION', 'steps[2]']);
    expect(world.to.journal.size).toBe(0);
  });
});
