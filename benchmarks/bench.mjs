// Everything that can be measured on this machine: `npx pnpm@10 bench [SUITE...] [--rows N] [--rounds N]`. Prints the tables, and writes them with the
// picture and the raw figures (docs/performance.md, docs/figures/performance). With fewer rows than usual it prints alone.
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.mjs';
import { printSuite } from './lib/print-suite.mjs';
import { runSuite } from './lib/run-suite.mjs';
import { writeReport } from './lib/write-report.mjs';

const usual = { rows: 1_000_000, rounds: 3 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string' }, rounds: { type: 'string' }, write: { type: 'boolean' } },
});
const folder = new URL('./suites/', import.meta.url);
const known = (await readdir(folder)).filter((name) => name.endsWith('.mjs')).map((name) => name.slice(0, -4));
const wrong = positionals.filter((name) => !known.includes(name));
const whole = (name) => {
  const number = values[name] === undefined ? usual[name] : Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1) wrong.push(`--${name} ${values[name]}`);
  return number;
};
const bench = new Bench({ rows: whole('rows'), rounds: whole('rounds') });
if (wrong.length > 0) {
  process.stderr.write(`not known: ${wrong.join(', ')}; suites: ${known.join(', ')}\n`);
  process.exit(2);
}
try {
  for (const name of positionals.length > 0 ? positionals : known) {
    const { suite } = await import(new URL(`${name}.mjs`, folder).href);
    const result = await runSuite(suite, bench);
    process.stdout.write(`\n${printSuite(result)}\n`);
    if (values.write || (bench.rows === usual.rows && bench.rounds === usual.rounds)) await writeReport(result, bench);
  }
} finally {
  await bench.end();
}
