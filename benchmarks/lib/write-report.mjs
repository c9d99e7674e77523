import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { drawSuite } from './draw-suite.mjs';
import { printSuite } from './print-suite.mjs';

const figures = new URL('../../docs/figures/performance/', import.meta.url);
const page = new URL('../../docs/performance.md', import.meta.url);

/** Writes the raw figures and the picture of a suite, and its part of docs/performance.md between the marks that name it. */
export async function writeReport(result, bench) {
  await mkdir(figures, { recursive: true });
  const raw = { ...result, machine: bench.machine, measured: new Date().toISOString().slice(0, 10) };
  await writeFile(new URL(`${result.suite}.json`, figures), `${JSON.stringify(raw, null, 2)}\n`);
  await writeFile(new URL(`${result.suite}.svg`, figures), drawSuite(result));
  const text = await readFile(page, 'utf8');
  const [begin, end] = [`<!-- bench:${result.suite}:begin -->`, `<!-- bench:${result.suite}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for the suite ${result.suite}`);
  const picture = `![${result.title}](figures/performance/${result.suite}.svg)`;
  const part = `${printSuite(result)}\n\n${picture}\n\nMeasured ${raw.measured} on ${raw.machine}; raw figures: [JSON](figures/performance/${result.suite}.json).`;
  await writeFile(page, `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`);
}
