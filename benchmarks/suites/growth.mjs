import { startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { discardingServer } from '../move/discarding-server.mjs';
import { moveCommand, plain } from '../move/spec.mjs';
import { makeTable, table } from '../move/table.mjs';

const database = 'bench';
let source;
let target;

/** A move of a table of so many rows, each size with a database of its own. */
function sized(bench, rows, url) {
  return {
    name: `polyshift, ${rows.toLocaleString('en-US')} rows`,
    kind: 'polyshift',
    rows,
    async before() {
      const { hostname, port } = new URL(target.url);
      const server = await discardingServer({ host: hostname, port: Number(port) }, { database, collection: table });
      return { server, url: `mongodb://127.0.0.1:${server.port}/${database}?directConnection=true` };
    },
    command: (state) => moveCommand(bench, url, state.url, plain),
    async after(state) {
      if (state.server.inserted() !== rows) throw new Error(`${state.server.inserted()} documents came instead of ${rows}`);
      const client = await new MongoClient(state.url).connect();
      await client.db(database).dropDatabase();
      await client.close();
    },
    end: (state) => state?.server.stop(),
  };
}

export const suite = {
  name: 'growth',
  title: 'Ten times as many rows',
  description:
    'The same move to the target that throws everything away, of a table and of one ten times as large: time by row must not grow, nor memory. (The stand-in for MongoDB keeps all documents in memory, which ends long before.)',
  async contenders(bench) {
    source = await startServer('postgresql', { kinds: ['native'] });
    target = await startServer('mongodb', { kinds: ['native', 'stand_in'] });
    const large = new URL(source.url);
    large.pathname = '/large';
    await makeTable(source.url, bench.rows);
    await makeTable(large.href, bench.rows * 10, { create: source.url });
    return [
      { ...sized(bench, bench.rows, source.url), rounds: 1 },
      { ...sized(bench, bench.rows * 10, large.href), rounds: 1 },
    ];
  },
  targets: (of, bench) => {
    const byRow = (rows) => of(`polyshift, ${rows.toLocaleString('en-US')} rows`).median;
    const [small, large] = [byRow(bench.rows), byRow(bench.rows * 10)];
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
  end: () => Promise.all([source?.stop(), target?.stop()]),
};
