import { discarding, startDiscardedMove } from '../move/discarding.mjs';
import { polyshiftMover } from '../move/movers.mjs';
import { plain } from '../move/spec.mjs';
import { makeTable } from '../move/table.mjs';

let servers;

const nameOf = (rows) => `polyshift, ${rows.toLocaleString('en-US')} rows`;

/** A move of a table of so many rows. */
function sized(bench, rows, from) {
  return discarding(servers.target, rows, { ...polyshiftMover(bench, from, nameOf(rows), plain), rows, rounds: 1 });
}

export const suite = {
  name: 'growth',
  title: 'Ten times as many rows',
  description:
    'The same move to the target that throws everything away, of a table and of one ten times as large: time by row must not grow, nor memory. (The stand-in for MongoDB keeps all documents in memory, which ends long before.)',
  async contenders(bench) {
    servers = await startDiscardedMove(bench.rows);
    const { source } = servers;
    const large = new URL(source.url);
    large.pathname = '/large';
    await makeTable(large.href, bench.rows * 10, { create: source.url });
    return [sized(bench, bench.rows, source), sized(bench, bench.rows * 10, { url: large.href })];
  },
  targets: (of, bench) => {
    const [small, large] = [bench.rows, bench.rows * 10].map((rows) => of(nameOf(rows)).median);
    return [
      {
        text: 'time by row of ten times the rows against that of the rows',
        value: large.seconds / 10 / small.seconds,
        wanted: 1.1,
        better: 'less',
      },
      { text: 'peak memory with ten times the rows, MB', value: large.peak_rss_mb, wanted: 300, better: 'less' },
    ];
  },
  end: () => servers?.stop(),
};
