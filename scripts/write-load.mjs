// The load of writes through every phase of an online change, on a larger table than in CI: `npx pnpm@10 write-load`. Writes its figures into
// docs/zero-downtime.md.
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const folder = new URL('.cache/write-load/', root);
const page = new URL('docs/zero-downtime.md', root);

await rm(folder, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('node_modules/vitest/vitest.mjs', root)), 'run', 'test/online/write-load.test.ts', '-t', 'finalize'],
  { cwd: fileURLToPath(root), stdio: 'inherit', env: { ...process.env, WRITE_LOAD: 'long' } },
);

const names = await readdir(folder).catch(() => []);
const figures = await Promise.all(names.sort().map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))));
const text = await readFile(page, 'utf8');
const [begin, end] = ['<!-- figures:begin -->', '<!-- figures:end -->'];
if (!text.includes(begin) || !text.includes(end)) throw new Error('docs/zero-downtime.md has no place for the figures');
await writeFile(
  page,
  `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${tables(figures)}\n${text.slice(text.indexOf(end))}`,
);
process.stdout.write(`\n${tables(figures)}\n`);
process.exitCode = status ?? 1;

/** A table for each server, and below it what became of the writes. */
function tables(all) {
  return all
    .map(({ description, rows, rate, phases, lost }) => {
      const lines = phases.map(
        ({ phase, seconds, acknowledged, failed, longest_ms }) =>
          `| ${phase} | ${seconds.toFixed(1)} | ${acknowledged} | ${failed} | ${Math.round(longest_ms)} |`,
      );
      return [
        `**${description}**, ${rows.toLocaleString('en-US')} rows, ${rate} writes a second; lost: ${lost}`,
        '',
        '| phase | seconds | writes acknowledged | failed | the longest write, ms |',
        '| --- | ---: | ---: | ---: | ---: |',
        ...lines,
        '',
      ].join('\n');
    })
    .join('\n');
}
