import { program } from '../lib/program.mjs';
import { discarding, startDiscardedMove } from '../move/discarding.mjs';
import { peerMover, polyshiftMover } from '../move/movers.mjs';
import { plain, tenRules } from '../move/spec.mjs';
import { table } from '../move/table.mjs';
import { dlt } from '../peers/dlt.mjs';
import { ingestr } from '../peers/ingestr.mjs';

let servers;

export const suite = {
  name: 'discard',
  title: 'PostgreSQL to a target that throws everything away',
  description:
    'The same move, but what arrives is counted and thrown away behind the wire protocol, so that the speed of the movers themselves shows, whatever server the machine has. The limit is insertMany of ready documents into that.',
  rows: (bench) => bench.rows,
  async contenders(bench) {
    servers = await startDiscardedMove(bench.rows);
    const { source, target } = servers;
    return [
      {
        name: 'limit: insertMany of ready documents',
        kind: 'limit',
        measure: ({ url }) => program.measured('insert-many.mjs', url, table, String(bench.rows)),
      },
      polyshiftMover(bench, source, 'polyshift', plain),
      polyshiftMover(bench, source, 'polyshift, ten rules', tenRules),
      peerMover(bench, source, 'ingestr 0.15.9', ingestr),
      peerMover(bench, source, 'dlt 1.31, destination by hand', dlt, { rounds: 1 }),
    ].map((parts) => discarding(target, bench.rows, parts));
  },
  targets: (of) => {
    const seconds = (name) => of(name)?.median.seconds ?? Number.NaN;
    const own = seconds('polyshift');
    return [
      { text: 'speed against ingestr', value: seconds('ingestr 0.15.9') / own, wanted: 1.2, better: 'more' },
      { text: 'speed against dlt', value: seconds('dlt 1.31, destination by hand') / own, wanted: 4, better: 'more' },
      {
        text: 'time of ten rules against a plain copy',
        value: seconds('polyshift, ten rules') / own,
        wanted: 1.15,
        better: 'less',
      },
    ];
  },
  end: () => servers?.stop(),
};
