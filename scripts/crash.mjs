// The long run of the crash harness, on every store or on those named: `npx pnpm@10 crash [STORE...]`. Keeps the figures of each store in docs/figures, where
// those of other days stay until the store is run again, and writes all of them into docs/reliability.md. PROPERTY_SEED replays a run.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
/** `--table` writes the figures into the page alone, and runs nothing. */
const tableOnly = process.argv.includes('--table');
const stores = process.argv.slice(2).filter((argument) => argument !== '--table');
const all = ['cassandra', 'dynamodb', 'elasticsearch', 'mariadb', 'mongodb', 'mysql', 'postgresql', 'redis'];
/** What each test file leaves its figures in, and what their places in the page are called. */
const parts = [
  { made: new URL('.cache/crash/', root), kept: new URL('docs/figures/crash/', root), place: 'figures' },
  { made: new URL('.cache/crash-versions/', root), kept: new URL('docs/figures/crash-versions/', root), place: 'versions' },
];
const page = new URL('docs/reliability.md', root);

if (!tableOnly) for (const { made } of parts) await rm(made, { recursive: true, force: true });
const { status } = tableOnly
  ? { status: 0 }
  : spawnSync(
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

for (const { made, kept, place } of parts) {
  await mkdir(kept, { recursive: true });
  for (const name of tableOnly ? [] : await readdir(made).catch(() => [])) await cp(new URL(name, made), new URL(name, kept));
  const names = (await readdir(kept)).filter((name) => name.endsWith('.json')).sort();
  const figures = await Promise.all(names.map(async (name) => JSON.parse(await readFile(new URL(name, kept), 'utf8'))));
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
    // A part that kills no servers has no column of noughts for them.
  ].filter(([, key]) => key !== 'server_kills' || rows.some((row) => row[key] > 0));
  const cells = (values) => `| ${values.map((value) => String(value).replaceAll('|', '\\|')).join(' | ')} |`;
  const number = (value) => value.toLocaleString('en-US');
  const missing = all.filter((server) => !rows.some((row) => row.server === server));
  const notes = rows.filter((row) => row.server_note).map((row) => `${row.description}: not killed, ${row.server_note}.`);
  if (rows.length === 0) return 'The long run has not been done yet; CI does the short one.';
  return [
    cells(['server', 'day', ...columns.map(([title]) => title)]),
    cells(['---', '---', ...columns.map(() => '---:')]),
    ...rows.map((row) => cells([row.description, row.day, ...columns.map(([, key]) => number(row[key]))])),
    cells(['all', '', ...columns.map(([, key]) => number(rows.reduce((sum, row) => sum + row[key], 0)))]),
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...(missing.length > 0 ? ['', `Not run to its end yet: ${missing.join(', ')}.`] : []),
    '',
    `By \`npx pnpm@10 crash\`; PROPERTY_SEED=${[...new Set(rows.map((row) => row.seed))].join(', ')}.`,
  ].join('\n');
}
