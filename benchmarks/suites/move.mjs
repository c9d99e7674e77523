import { startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { program } from '../lib/program.mjs';
import { valuesKept } from '../move/expected-values.mjs';
import { moveCommand, plain, tenRules } from '../move/spec.mjs';
import { makeTable, table } from '../move/table.mjs';
import { dlt } from '../peers/dlt.mjs';
import { ingestr } from '../peers/ingestr.mjs';
import { redpandaConnect } from '../peers/redpanda-connect.mjs';

const database = 'bench';
const copy = 'limit: COPY to nowhere';
const insertMany = 'limit: insertMany of ready documents';
let source;
let description = '';

/** A contender that writes to a fresh MongoDB, where its documents are counted and looked at afterwards. */
function mover(bench, parts) {
  return {
    ...parts,
    async before() {
      const server = await startServer('mongodb', { kinds: ['native', 'stand_in'], standIn: { maxHeap: '14g' } });
      description = server.description;
      const url = new URL(server.url);
      url.pathname = `/${database}`;
      return { server, url: url.href, used: await bench.serverSeconds(server), sourceUsed: await bench.serverSeconds(source) };
    },
    async after({ server, url, used, sourceUsed }) {
      const server_cpu_seconds = (await bench.serverSeconds(server)) - used + (await bench.serverSeconds(source)) - sourceUsed;
      const client = await new MongoClient(url).connect();
      const collection = client.db(database).collection(table);
      const count = await collection.countDocuments();
      const note = parts.changes ? undefined : await valuesKept(collection);
      await client.close();
      if (count !== bench.rows) throw new Error(`${count} documents are there instead of ${bench.rows}`);
      return { server_cpu_seconds, note };
    },
    end: (state) => state?.server.stop(),
  };
}

function polyshift(bench, name, rules) {
  return mover(bench, {
    name,
    kind: 'polyshift',
    changes: rules !== plain,
    command: ({ url }) => moveCommand(bench, source.url, url, rules),
  });
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
      mover(bench, {
        name: insertMany,
        kind: 'limit',
        changes: true,
        measure: ({ url }) => program.measured('insert-many.mjs', url, table, String(bench.rows)),
      }),
      polyshift(bench, 'polyshift', plain),
      polyshift(bench, 'polyshift, ten rules', tenRules),
      peer(bench, 'ingestr 0.15.9', ingestr),
      peer(bench, 'Redpanda Connect', redpandaConnect),
      peer(bench, 'dlt 1.31, destination by hand', dlt, { rounds: 1 }),
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
