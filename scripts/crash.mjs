// The long run of the crash harness, on every store or on those named: `npx pnpm@10 crash [STORE...]`. Writes its figures into
// docs/reliability.md. PROPERTY_SEED replays a run.
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const stores = process.argv.slice(2);
/** What each test file leaves its figures in, and what their places in the page are called. */
const parts = [
  { folder: new URL('.cache/crash/', root), place: 'figures' },
  { folder: new URL('.cache/crash-versions/', root), place: 'versions' },
];
const page = new URL('docs/reliability.md', root);

if (stores.length === 0) for (const { folder } of parts) await rm(folder, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [
    fileURLToPath(new URL('node_modules/vitest/vitest.mjs', root)),
    'run',
    'test/crash/crash.test.ts',
    'test/crash/versions.test.ts',
  ],
  {
    cwd: fileURLToPath(root),
    stdio: 'inherit',
    env: {
      ...process.env,
      CRASH_RUN: 'long',
      CRASH_AT_ONCE: process.env.CRASH_AT_ONCE ?? '4',
      ...(stores.length === 0 ? {} : { CRASH_STORES: stores.join(',') }),
    },
  },
);

for (const { folder, place } of parts) {
  const names = await readdir(folder).catch(() => []);
  const figures = await Promise.all(names.sort().map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))));
  const text = await readFile(page, 'utf8');
  const [begin, end] = [`<!-- ${place}:begin -->`, `<!-- ${place}:end -->`];
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`docs/reliability.md has no place for ${place}`);
  const head = text.slice(0, text.indexOf(begin) + begin.length);
  await writeFile(page, `${head}\n\n${table(figures)}\n\n${text.slice(text.indexOf(end))}`);
  process.stdout.write(`\n${table(figures)}\n`);
}
process.exitCode = status ?? 1;

/** The figures as a table, with their sums. */
function table(rows) {
  const columns = [
    ['kills at places', 'at_places'],
    ['of places', 'places'],
    ['kills at random moments', 'at_random'],
    ['kills of the server', 'server_kills'],
    ['commands run again', 'resumed'],
    ['comparisons', 'compared'],
    ['rows compared', 'rows'],
    ['acknowledged writes', 'writes'],
    ['losses', 'losses'],
  ];
  const cells = (values) => `| ${values.join(' | ')} |`;
  const number = (value) => value.toLocaleString('en-US');
  const notes = rows.filter((row) => row.server_note).map((row) => `${row.description}: not killed, ${row.server_note}.`);
  return [
    cells(['server', ...columns.map(([title]) => title)]),
    cells(['---', ...columns.map(() => '---:')]),
    ...rows.map((row) => cells([row.description, ...columns.map(([, key]) => number(row[key]))])),
    cells(['all', ...columns.map(([, key]) => number(rows.reduce((sum, row) => sum + row[key], 0)))]),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
    `Made on ${new Date().toISOString().slice(0, 10)} by \`npx pnpm@10 crash\`; PROPERTY_SEED=${[...new Set(rows.map((row) => row.seed))].join(', ')}.`,
  ].join('\n');
}
