import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sharedServer } from '@polyshift/testkit/vitest';
import { describe, expect, it } from 'vitest';
import { seed } from '../../packages/testkit/src/conformance/places.ts';
import { runCommand, startCommand } from '../command/command.ts';
import { type Ledger, type StartedWriters, startWriters } from '../crash/ledger.ts';
import { openWriter } from '../crash/writers/registry.ts';
import { table, WriterStage } from '../crash/writers/stage.ts';
import type { LiveWriter } from '../crash/writers/writer.ts';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { addressOf, type NewVersion } from './new-version.ts';
import { keepFigures, type PhaseFigures } from './write-load-figures.ts';

const long = process.env['WRITE_LOAD'] === 'long';
const rows = long ? 50_000 : 4_000;

/** Writes a second, by both applications together. */
const rate = 400;

/** Milliseconds that a phase lasts in which no command is at work. */
const restMs = long ? 5_000 : 500;

const migration = {
  online: true,
  operations: [
    { type: 'rename_field', collection: table, data: { old_name: 'note', new_name: 'remark' } },
    { type: 'add_field', collection: table, data: { field_name: 'tier', type: 'text', default_value: 'gold' } },
    { type: 'migrate_data', collection: table, data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
    { type: 'remove_field', collection: table, data: { field_name: 'legacy' } },
    { type: 'create_index', collection: table, data: { name: 'items_mail', keys: { mail: 1 } } },
  ],
};

/** Stores where carrying over means comparing everything: they are held to the same with a load of their measure, in the tests of their adapters. */
const elsewhere: readonly MatrixStore['server'][] = ['dynamodb', 'cassandra', 'redis', 'elasticsearch'];

const stores = matrixStores.filter(
  ({ server, adapter }) => adapter.capabilities.operations.online_change.supported && !elsewhere.includes(server),
);

it('there are stores that carry online changes', () => {
  expect(stores.map(({ server }) => server)).toEqual(['postgresql', 'mysql', 'mariadb', 'mongodb']);
});

/** An application with its own rows: first of the old version, later of the new one. */
class Application {
  readonly firstKey: number;
  private readonly lines: number;
  private writer: LiveWriter | undefined;
  private writers: StartedWriters | undefined;
  ledger: Ledger | undefined;

  constructor(firstKey: number, lines: number) {
    this.firstKey = firstKey;
    this.lines = lines;
  }

  /** Begins to write, or goes on with its rows after {@link stop}. */
  start(writer: LiveWriter): void {
    this.writer = writer;
    const { firstKey, ledger } = this;
    this.writers = startWriters(writer, {
      seed: `${seed} ${firstKey}`,
      concurrency: this.lines,
      rate: rate / 2,
      firstKey,
      ...(ledger ? { ledger } : {}),
    });
    this.ledger = this.writers.ledger;
  }

  /** Lets the writes that are on their way end, and disconnects. */
  async stop(): Promise<void> {
    await this.writers?.stop();
    await this.writer?.[Symbol.asyncDispose]();
    this.writer = undefined;
  }

  /** What is wrong with its rows. */
  violations(notes: ReadonlyMap<number, string[]>): string[] {
    const own = [...notes].filter(([key]) => key >= this.firstKey && key < this.firstKey + 1_000_000);
    return this.ledger!.check(new Map(own));
  }
}

/** Counts what happens to the writes of both applications, phase by phase. */
class Phases {
  readonly done: PhaseFigures[] = [];
  private readonly applications: readonly Application[];
  private failedBefore = 0;
  private acknowledgedBefore = 0;

  constructor(applications: readonly Application[]) {
    this.applications = applications;
  }

  /** Does the work of one phase, and keeps its figures. */
  async during<Result>(phase: string, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    for (const { ledger } of this.applications) if (ledger) ledger.counts.longest_stall_ms = 0;
    const result = await work();
    const counts = this.applications.map(({ ledger }) => ledger!.counts);
    const acknowledged = counts.reduce((sum, each) => sum + each.acknowledged, 0);
    const failed = counts.reduce((sum, each) => sum + each.refused + each.unknown, 0);
    this.done.push({
      phase,
      seconds: (performance.now() - startedAt) / 1000,
      acknowledged: acknowledged - this.acknowledgedBefore,
      failed: failed - this.failedBefore,
      longest_ms: Math.max(...counts.map((each) => each.longest_stall_ms)),
    });
    [this.acknowledgedBefore, this.failedBefore] = [acknowledged, failed];
    return result;
  }
}

async function project(stage: WriterStage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-online-'));
  await mkdir(join(folder, 'migrations'));
  const config = { stores: { main: { type: stage.store.adapter.store, url: stage.database.url } } };
  await writeFile(join(folder, 'polyshift.config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'migrations', '0001_remarks.json'), JSON.stringify(migration));
  return folder;
}

describe.each(stores)('$server: writes through every phase of an online change', { timeout: 900_000 }, (store) => {
  // The way back beside writers is tried on every server by the tests of its adapter.
  const ends = store.server === 'postgresql' ? (['finalize', 'down'] as const) : (['finalize'] as const);

  it.each(ends)('none fails and none is lost, to the end by %s', async (end) => {
    await using stage = await WriterStage.open(store, rows);
    const folder = await project(stage);
    const run = async (...parameters: string[]) => {
      const ended = await runCommand(folder, {}, ...parameters, '--yes', '--json');
      if (ended.code !== 0) throw new Error(`${parameters.join(' ')} ended with ${ended.code}:\n${ended.stderr}${ended.stdout}`);
      return JSON.parse(ended.stdout) as { new_version: NewVersion | null };
    };
    const { url } = stage.database;
    const old = () => openWriter[store.server](url, table);
    const [a, b] = [new Application(1_000_000, 4), new Application(2_000_000, 4)];
    const phases = new Phases([a, b]);
    a.start(await old());
    b.start(await old());

    await phases.during('before', () => pause(restMs));
    await phases.during('expand and backfill', () => run('up'));
    const { new_version } = await run('status');
    const address = addressOf(store.server, url, table, new_version!);
    const next = () => openWriter[store.server](address.url, address.table, 'remark');

    // What carries writes over where the store does not; on the others it ends by itself.
    const following = startCommand(folder, {}, 'follow', '--interval', '0.05');
    /** An application is deployed anew: it ends, and begins again with the other version. */
    const deploy = async (application: Application, open: () => Promise<LiveWriter>): Promise<void> => {
      await application.stop();
      await run('follow', '--once', '--wait', '60');
      application.start(await open());
    };
    await phases.during('both in use', async () => {
      await deploy(b, next);
      await pause(restMs);
    });
    if (end === 'finalize') {
      await phases.during('switch reads and writes', async () => {
        await run('switch', 'reads', '--wait', '60');
        await deploy(a, next);
        await run('switch', 'writes', '--wait', '60');
      });
      await phases.during('finalize', () => run('finalize', '1', '--wait', '60'));
    } else {
      await phases.during('back to the old version', async () => {
        await deploy(b, old);
        await run('down', '--wait', '60');
      });
    }
    await phases.during('after', () => pause(restMs));
    await Promise.all([a.stop(), b.stop()]);
    following.child.kill('SIGINT');
    expect([0, 5]).toContain((await following.ended).code);

    await using reader = await (end === 'finalize' ? finalReader(store.server, url, address.table) : old());
    const notes = await reader.readAll();
    const lost = [...a.violations(notes), ...b.violations(notes)];
    const errors = [...a.ledger!.errors, ...b.ledger!.errors];
    const { description } = await sharedServer(store.server);
    if (end === 'finalize')
      await keepFigures({ server: store.server, description, rows, rate, phases: phases.done, lost: lost.length });
    process.stderr.write(`${description}, to the end by ${end}: ${phases.done.map(phaseText).join('; ')}\n`);
    expect(lost).toEqual([]);
    expect(phases.done.map(({ phase, failed }) => [phase, failed, errors])).toEqual(
      phases.done.map(({ phase }) => [phase, 0, errors]),
    );
    for (const { phase, acknowledged } of phases.done) expect([phase, acknowledged]).toSatisfy(([, count]) => Number(count) > 0);
    expect([...notes].filter(([key]) => key <= rows)).toHaveLength(rows);
    await rm(folder, { recursive: true, force: true });
  });
});

/** After `finalize` the new version has the name of the old one, but for stores whose new version keeps its own. */
function finalReader(server: (typeof stores)[number]['server'], url: string, newTable: string): Promise<LiveWriter> {
  return openWriter[server](url, server === 'mongodb' ? newTable : table, 'remark');
}

function phaseText({ phase, seconds, acknowledged, failed, longest_ms }: PhaseFigures): string {
  return `${phase} ${seconds.toFixed(1)} s, ${acknowledged} writes, ${failed} failed, the longest ${longest_ms} ms`;
}
