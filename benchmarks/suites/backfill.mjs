import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '@polyshift/testkit';
import { freshDatabase, makeTemplate, query } from '../backfill/database.mjs';
import { inPlace, jobs, limits } from '../backfill/jobs.mjs';
import { program } from '../lib/program.mjs';
import { pgroll } from '../peers/pgroll.mjs';

const sizes = [1_000, 10_000];
let server;

const nameOf = (tool, job, size) => `${tool}, ${job}, batches of ${size.toLocaleString('en-US')}`;

/** A contender that works on a database of its own, whose rows are looked at afterwards. */
function filler(bench, { wrong, prepare, ...parts }) {
  return {
    ...parts,
    async before() {
      const database = await freshDatabase(server);
      await prepare?.(database.url);
      return { ...database, used: await bench.serverSeconds(server) };
    },
    async after({ url, used }) {
      const server_cpu_seconds = (await bench.serverSeconds(server)) - used;
      if (wrong) {
        const [row] = await query(url, wrong);
        if (row.wrong !== 0) throw new Error(`${row.wrong} rows are not as they should be`);
      }
      return { server_cpu_seconds };
    },
    end: (state) => state?.drop(),
  };
}

async function upCommand(bench, url, operations) {
  const cwd = await bench.folder('backfill');
  await mkdir(join(cwd, 'migrations'));
  await writeFile(join(cwd, 'migrations', '0001_change.json'), JSON.stringify({ operations }));
  await writeFile(join(cwd, 'polyshift.config.json'), JSON.stringify({ stores: { db: { type: 'postgresql', url } } }));
  return { file: process.execPath, args: [bench.polyshift, 'up'], cwd };
}

function online(bench, job, size) {
  const { polyshift: operations, polyshiftWrong: wrong } = jobs[job];
  const change = { type: 'online_change', collection: 'users', batch_size: size, data: { operations } };
  return filler(bench, {
    name: nameOf('polyshift', job, size),
    kind: 'polyshift',
    wrong,
    command: ({ url }) => upCommand(bench, url, [change]),
  });
}

function peer(bench, job, size) {
  const { pgroll: operation, pgrollWrong: wrong } = jobs[job];
  const parts = { name: nameOf('pgroll', job, size), kind: 'peer', wrong };
  return {
    ...parts,
    async install() {
      const { prepare, command } = await pgroll(bench);
      return filler(bench, { ...parts, prepare, command: ({ url }) => command(url, operation, size) });
    },
  };
}

export const suite = {
  name: 'backfill',
  title: 'Backfills of PostgreSQL',
  description: () =>
    `A table of eight columns gets a new one that an expression fills, and another type for one, while the old version stays in use (${server.description}, a fresh database each). polyshift makes a new version of the table, copies every row, and proves at the end that both versions hold the same; pgroll makes the column beside the old one, and proves nothing. The last one changes the table in its place and keeps every before-image. The limits are the same work in one statement, with nobody else at work and nothing to resume from.`,
  rows: (bench) => bench.rows,
  async contenders(bench) {
    server = await startServer('postgresql', { kinds: ['native'] });
    await makeTemplate(server, bench.rows);
    const pairs = Object.keys(jobs).flatMap((job) => sizes.map((size) => [job, size]));
    return [
      ...Object.entries(limits).map(([name, statements]) =>
        filler(bench, { name, kind: 'limit', command: ({ url }) => program('run-statements.mjs', url, ...statements) }),
      ),
      ...pairs.map(([job, size]) => online(bench, job, size)),
      ...pairs.map(([job, size]) => peer(bench, job, size)),
      filler(bench, {
        name: 'polyshift, new column in its place with undo, batches of 10,000',
        kind: 'polyshift',
        wrong: inPlace.wrong,
        command: ({ url }) => upCommand(bench, url, inPlace.operations(10_000)),
      }),
    ];
  },
  targets: (of) =>
    Object.keys(jobs).flatMap((job) =>
      sizes.map((size) => ({
        text: `${job}, batches of ${size.toLocaleString('en-US')}: speed against pgroll`,
        value: of(nameOf('pgroll', job, size))?.median.seconds / of(nameOf('polyshift', job, size)).median.seconds,
        wanted: 1,
        better: 'more',
      })),
    ),
  end: () => server?.stop(),
};
