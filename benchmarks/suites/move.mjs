import { startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { freshMongodb } from '../lib/fresh-mongodb.mjs';
import { program } from '../lib/program.mjs';
import { database } from '../move/discarding.mjs';
import { valuesKept } from '../move/expected-values.mjs';
import { peerMover, polyshiftMover } from '../move/movers.mjs';
import { plain, tenRules } from '../move/spec.mjs';
import { makeTable, table } from '../move/table.mjs';
import { dlt } from '../peers/dlt.mjs';
import { ingestr } from '../peers/ingestr.mjs';
import { redpandaConnect } from '../peers/redpanda-connect.mjs';

const copy = 'limit: COPY to nowhere';
const insertMany = 'limit: insertMany of ready documents';
let source;
let description = '';

/** A contender that writes to a fresh MongoDB, where its documents are counted and, but for those that rules have changed, looked at afterwards. */
function mover(bench, parts, { changes = false } = {}) {
  return {
    ...parts,
    async before() {
      const fresh = await freshMongodb(bench, database);
      description = fresh.server.description;
      return { ...fresh, sourceUsed: await bench.serverSeconds(source) };
    },
    async after({ server, url, used, sourceUsed }) {
      const server_cpu_seconds = (await bench.serverSeconds(server)) - used + (await bench.serverSeconds(source)) - sourceUsed;
      const client = await new MongoClient(url).connect();
      const collection = client.db(database).collection(table);
      const count = await collection.countDocuments();
      const note = changes ? undefined : await valuesKept(collection);
      await client.close();
      if (count !== bench.rows) throw new Error(`${count} documents are there instead of ${bench.rows}`);
      return { server_cpu_seconds, note };
    },
    end: (state) => state?.server.stop(),
  };
}

export const suite = {
  name: 'move',
  title: 'PostgreSQL to MongoDB',
  description: () =>
    `A table of 11 mixed columns is moved into an empty collection of a fresh server (${description}). The limit is the slower of COPY of that table to nowhere and insertMany of ready documents by the driver, a thousand at once and four in flight.`,
  rows: (bench) => bench.rows,
  async contenders(bench) {
    source = await startServer('postgresql', { kinds: ['native'] });
    await makeTable(source.url, bench.rows);
    return [
      { name: copy, kind: 'limit', command: () => program('copy-out.mjs', source.url, table) },
      mover(
        bench,
        {
          name: insertMany,
          kind: 'limit',
          measure: ({ url }) => program.measured('insert-many.mjs', url, table, String(bench.rows)),
        },
        { changes: true },
      ),
      mover(bench, polyshiftMover(bench, source, 'polyshift', plain)),
      mover(bench, polyshiftMover(bench, source, 'polyshift, ten rules', tenRules), { changes: true }),
      mover(bench, peerMover(bench, source, 'ingestr 0.15.9', ingestr)),
      mover(bench, peerMover(bench, source, 'Redpanda Connect', redpandaConnect)),
      mover(bench, peerMover(bench, source, 'dlt 1.31, destination by hand', dlt, { rounds: 1 })),
    ];
  },
  targets: (of) => {
    const seconds = (name) => of(name)?.median.seconds ?? Number.NaN;
    const cpu = (name) => of(name)?.median.cpu_seconds ?? Number.NaN;
    const own = seconds('polyshift');
    return [
      { text: 'speed against the limit', value: Math.max(seconds(copy), seconds(insertMany)) / own, wanted: 0.8, better: 'more' },
      { text: 'speed against ingestr', value: seconds('ingestr 0.15.9') / own, wanted: 1.2, better: 'more' },
      { text: 'CPU of the mover against ingestr', value: cpu('polyshift') / cpu('ingestr 0.15.9'), wanted: 1, better: 'less' },
      { text: 'speed against Redpanda Connect', value: seconds('Redpanda Connect') / own, wanted: 2, better: 'more' },
      { text: 'speed against dlt', value: seconds('dlt 1.31, destination by hand') / own, wanted: 4, better: 'more' },
      {
        text: 'time of ten rules against a plain copy',
        value: seconds('polyshift, ten rules') / own,
        wanted: 1.15,
        better: 'less',
      },
      { text: 'peak memory, MB', value: of('polyshift').median.peak_rss_mb, wanted: 300, better: 'less' },
    ];
  },
  end: () => source?.stop(),
};
