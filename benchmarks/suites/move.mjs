import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { program } from '../lib/program.mjs';
import { makeTable, table } from '../move/table.mjs';

let source;
const target = 'people';

/** A fresh target for one run. */
async function fresh(bench) {
  const server = await startServer('mongodb', { kinds: ['native', 'stand_in'], standIn: { maxHeap: '8g' } });
  const url = new URL(server.url);
  url.pathname = '/bench';
  return { server, url: url.href, began: await bench.serverSeconds(server) };
}

async function checked(bench, state) {
  const server_cpu_seconds = (await bench.serverSeconds(state.server)) - state.began;
  const client = await new MongoClient(state.url).connect();
  const count = await client.db().collection(target).countDocuments();
  await client.close();
  if (count !== bench.rows) throw new Error(`${count} documents are there instead of ${bench.rows}`);
  return { server_cpu_seconds };
}

/** A contender that writes to a fresh MongoDB, whose documents are counted afterwards. */
function mover(bench, parts) {
  return {
    before: () => fresh(bench),
    after: (state) => checked(bench, state),
    end: (state) => state?.server.stop(),
    ...parts,
  };
}

async function specFolder(bench, url, rules) {
  const folder = await bench.folder('move');
  await writeFile(
    join(folder, 'polyshift.config.json'),
    JSON.stringify({ stores: { from: { type: 'postgresql', url: source.url }, to: { type: 'mongodb', url } } }),
  );
  await writeFile(
    join(folder, 'people.json'),
    JSON.stringify({
      name: 'people',
      source: { store: 'from' },
      target: { store: 'to' },
      steps: [
        { type: 'extract', source_table: table },
        { type: 'transform', transformation_rules: rules },
        { type: 'load', target_table: target },
      ],
    }),
  );
  return folder;
}

const plain = Object.fromEntries(
  ['external_id', 'name', 'email', 'age', 'balance', 'score', 'active', 'tags', 'settings', 'created_at'].map((name) => [
    name,
    name,
  ]),
);

const tenRules = {
  external_id: 'external_id',
  name: { type: 'function', function: 'upper', args: ['name'] },
  email: { type: 'function', function: 'lower', args: ['email'] },
  age: 'age',
  balance: 'balance',
  label: { type: 'concatenate', fields: ['name', 'email'], separator: ' / ' },
  grown: { type: 'expression', expression: 'active && score > 100.0' },
  tags: 'tags',
  settings: 'settings',
  metadata: { type: 'function', function: 'pack', args: ['created_at', 'active'] },
};

function polyshift(bench, name, rules) {
  return mover(bench, {
    name,
    kind: 'polyshift',
    note: 'every type exact; checkpoints, proof of the counts, undo',
    async command({ url }) {
      return {
        file: process.execPath,
        args: [bench.polyshift, 'etl', 'run', 'people.json', '--json'],
        cwd: await specFolder(bench, url, { _id: 'id', ...rules }),
      };
    },
  });
}

export const suite = {
  name: 'move',
  title: 'PostgreSQL to MongoDB',
  description:
    'A table of 11 mixed columns is moved into an empty collection of a fresh server. The limit is the slower of COPY of that table to nowhere and insertMany of ready documents by the driver.',
  rows: (bench) => bench.rows,
  async contenders(bench) {
    source = await startServer('postgresql', { kinds: ['native'] });
    await makeTable(source.url, bench.rows);
    return [
      { name: 'limit: COPY to nowhere', kind: 'limit', command: () => program('copy-out.mjs', source.url, table) },
      mover(bench, {
        name: 'limit: insertMany of ready documents',
        kind: 'limit',
        measure: (state) => program.measured('insert-many.mjs', state.url, target, String(bench.rows)),
      }),
      polyshift(bench, 'polyshift', plain),
      polyshift(bench, 'polyshift, ten rules', tenRules),
    ];
  },
  targets: (of) => {
    const seconds = (name) => of(name)?.median.seconds;
    const limit = Math.max(seconds('limit: COPY to nowhere'), seconds('limit: insertMany of ready documents'));
    return [
      { text: 'speed against the limit', value: limit / seconds('polyshift'), wanted: 0.8, better: 'more' },
      {
        text: 'time of ten rules against a plain copy',
        value: seconds('polyshift, ten rules') / seconds('polyshift'),
        wanted: 1.15,
        better: 'less',
      },
      { text: 'peak memory, MB', value: of('polyshift').median.peak_rss_mb, wanted: 300, better: 'less' },
    ];
  },
  end: () => source.stop(),
};
