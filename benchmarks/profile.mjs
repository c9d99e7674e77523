// Where the mover's time goes: moves the table of the suite `discard` under Node's own sampling profiler, and writes benchmarks/profiles/move.md and
// move-ten-rules.md: microseconds for each row by package and by function. `node benchmarks/profile.mjs [ROWS]`; half a million rows without.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '@polyshift/testkit';
import { Bench } from './lib/bench.mjs';
import { functionsOf } from './lib/cpu-profile.mjs';
import { runMeasured } from './lib/run-measured.mjs';
import { forget, startDiscarding } from './move/discarding.mjs';
import { moveCommand, plain, tenRules } from './move/spec.mjs';
import { makeTable } from './move/table.mjs';

const rows = Number(process.argv[2] ?? 500_000);
const bench = new Bench({ rows, rounds: 1 });
const source = await startServer('postgresql', { kinds: ['native'] });
const target = await startServer('mongodb', { kinds: ['native', 'stand_in'] });
try {
  await makeTable(source.url, rows);
  for (const [name, rules] of Object.entries({ move: plain, 'move-ten-rules': tenRules })) {
    bench.log(name);
    const { server, url } = await startDiscarding(target);
    const folder = await bench.folder('profile');
    const command = await moveCommand(bench, source.url, url, rules);
    await runMeasured({ ...command, args: ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...command.args] });
    await forget(url);
    await server.stop();
    const [file] = await readdir(folder);
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8'));
    await writeFile(new URL(`profiles/${name}.md`, import.meta.url), page(name, functionsOf(profile)));
  }
} finally {
  await Promise.all([bench.end(), source.stop(), target.stop()]);
}

function page(name, functions) {
  const sums = new Map();
  for (const each of functions) sums.set(each.package, (sums.get(each.package) ?? 0) + each.microseconds);
  const perRow = (microseconds) => (microseconds / rows).toFixed(2);
  return [
    `# Profile: ${name}`,
    '',
    `${rows.toLocaleString('en-US')} rows, Node ${process.versions.node}; microseconds of the main thread for each row. Written by \`node benchmarks/profile.mjs\`.`,
    '',
    '| part | µs a row |',
    '| --- | --- |',
    ...[...sums].sort((left, right) => right[1] - left[1]).map(([of, sum]) => `| ${of} | ${perRow(sum)} |`),
    '',
    '| function | part | µs a row |',
    '| --- | --- | --- |',
    ...functions.slice(0, 40).map((each) => `| \`${each.name}\` | ${each.package} | ${perRow(each.microseconds)} |`),
    '',
  ].join('\n');
}
