import { startServer } from '@polyshift/testkit';
import { program } from '../lib/program.mjs';
import { discardingServer } from '../move/discarding-server.mjs';
import { moveCommand, plain, tenRules } from '../move/spec.mjs';
import { makeTable, table } from '../move/table.mjs';
import { dlt } from '../peers/dlt.mjs';
import { ingestr } from '../peers/ingestr.mjs';

const database = 'bench';
let source;
let target;

/** A contender whose rows are thrown away by a server that says that it has written them. */
function mover(bench, parts) {
  return {
    ...parts,
    async before() {
      const { hostname, port } = new URL(target.url);
      const server = await discardingServer({ host: hostname, port: Number(port) }, { database, collection: table });
      return { server, url: `mongodb://127.0.0.1:${server.port}/${database}?directConnection=true` };
    },
    async after({ server, url }) {
      if (server.inserted() !== bench.rows) throw new Error(`${server.inserted()} documents came instead of ${bench.rows}`);
      await forget(url);
    },
    end: (state) => state?.server.stop(),
  };
}

/** The next contender finds nothing of this one. */
async function forget(url) {
  const { MongoClient } = await import('mongodb');
  const client = await new MongoClient(url).connect();
  await client.db(database).dropDatabase();
  await client.close();
}

function polyshift(bench, name, rules) {
  return mover(bench, { name, kind: 'polyshift', command: ({ url }) => moveCommand(bench, source.url, url, rules) });
}

function peer(bench, name, install, more = {}) {
  return mover(bench, {
    name,
    kind: 'peer',
    ...more,
    async install() {
      const { command } = await install(bench);
      return { command: ({ url }) => command(source.url, table, url, database) };
    },
  });
}

export const suite = {
  name: 'discard',
  title: 'PostgreSQL to a target that throws everything away',
  description:
    'The same move, but what arrives is counted and thrown away behind the wire protocol, so that the speed of the movers themselves shows, whatever server the machine has. The limit is insertMany of ready documents into that.',
  rows: (bench) => bench.rows,
  async contenders(bench) {
    source = await startServer('postgresql', { kinds: ['native'] });
    target = await startServer('mongodb', { kinds: ['native', 'stand_in'] });
    await makeTable(source.url, bench.rows);
    return [
      mover(bench, {
        name: 'limit: insertMany of ready documents',
        kind: 'limit',
        measure: ({ url }) => program.measured('insert-many.mjs', url, table, String(bench.rows)),
      }),
      polyshift(bench, 'polyshift', plain),
      polyshift(bench, 'polyshift, ten rules', tenRules),
      peer(bench, 'ingestr 0.15.9', ingestr),
      peer(bench, 'dlt 1.31, destination by hand', dlt, { rounds: 1 }),
    ];
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
  end: () => Promise.all([source?.stop(), target?.stop()]),
};
