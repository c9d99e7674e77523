import { discarding, startDiscardedMove } from '../move/discarding.mjs';
import { polyshiftMover } from '../move/movers.mjs';
import { heavyRules } from '../move/spec.mjs';

let servers;

const [one, two] = ['polyshift, one thread', 'polyshift, two threads'];

export const suite = {
  name: 'threads',
  title: 'Rules that fill a core, over two threads',
  description:
    'All rows go through patterns, exact decimals and texts that are taken apart, to the target that throws everything away: in one thread, and in two. The servers need the same cores, so that less than twice the speed is there to be had on two.',
  rows: (bench) => bench.rows,
  async contenders(bench) {
    servers = await startDiscardedMove(bench.rows);
    const { source, target } = servers;
    return [
      polyshiftMover(bench, source, one, heavyRules),
      polyshiftMover(bench, source, two, heavyRules, ['--threads', '2']),
    ].map((parts) => discarding(target, bench.rows, parts));
  },
  targets: (of) => [
    {
      text: 'speed of two threads against one',
      value: of(one).median.seconds / of(two).median.seconds,
      wanted: 1.2,
      better: 'more',
    },
  ],
  end: () => servers?.stop(),
};
