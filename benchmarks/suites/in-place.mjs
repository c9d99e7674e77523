import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { changed, collection } from '../in-place/change.mjs';
import { migrations, operations } from '../in-place/migrations.mjs';
import { freshMongodb } from '../lib/fresh-mongodb.mjs';
import { program } from '../lib/program.mjs';
import { migrateMongo } from '../peers/migrate-mongo.mjs';

const database = 'bench';
const limit = 'limit: updateMany by the server';
const withoutUndo = 'the same batches without undo and proof';
const loop = 'migrate-mongo, bulkWrite of 1,000';
const single = 'migrate-mongo, updateOne';
let description = '';

/** A contender that changes the documents of a fresh server, where they are looked at afterwards. */
function changer(bench, parts) {
  return {
    ...parts,
    async before() {
      const { server, url } = await freshMongodb(bench, database);
      description = server.description;
      await program.measured('insert-many.mjs', url, collection, String(bench.rows));
      return { server, url, used: await bench.serverSeconds(server) };
    },
    async after({ server, url, used }) {
      const server_cpu_seconds = (await bench.serverSeconds(server)) - used;
      const client = await new MongoClient(url).connect();
      try {
        const count = await client.db().collection(collection).countDocuments(changed);
        if (count !== bench.rows) throw new Error(`${count} documents are changed instead of ${bench.rows}`);
        await parts.looked?.(client.db());
      } finally {
        await client.close();
      }
      return { server_cpu_seconds };
    },
    end: (state) => state?.server.stop(),
  };
}

/** polyshift, whose before-images are counted too: nothing of its work may be left out. */
async function polyshift(bench) {
  const cwd = await bench.folder('in-place');
  await mkdir(join(cwd, 'migrations'));
  await writeFile(join(cwd, 'migrations', '0001_people.json'), JSON.stringify(operations));
  return changer(bench, {
    name: 'polyshift',
    kind: 'polyshift',
    note: 'batches of 1,000, progress, undo and proof on',
    async command({ url }) {
      await writeFile(join(cwd, 'polyshift.config.json'), JSON.stringify({ stores: { main: { type: 'mongodb', url } } }));
      return { file: process.execPath, args: [bench.polyshift, 'up', '--yes', '--json'], cwd };
    },
    async looked(db) {
      const kept = await db.collection('polyshift_aside_0001_0').countDocuments({});
      if (kept !== bench.rows) throw new Error(`${kept} images are kept instead of ${bench.rows}`);
    },
  });
}

function peer(bench, name, migration, more = {}) {
  return changer(bench, {
    name,
    kind: 'peer',
    ...more,
    async install() {
      const { command } = await migrateMongo(bench, migration);
      return { command: ({ url }) => command(url) };
    },
  });
}

export const suite = {
  name: 'in-place',
  title: 'Changing documents of MongoDB in place',
  description: () =>
    `Every document of a collection gets two fields, and one of its 11 another name, on a fresh server (${description}). polyshift keeps what each document was before, durable before it is changed, and proves the change afterwards; migrate-mongo keeps and proves nothing, and is measured with the three ways in which such a migration is written.`,
  rows: (bench) => bench.rows,
  async contenders(bench) {
    return [
      changer(bench, { name: limit, kind: 'limit', command: ({ url }) => program('update-many.mjs', url) }),
      changer(bench, { name: withoutUndo, kind: 'limit', command: ({ url }) => program('update-ranges.mjs', url) }),
      await polyshift(bench),
      peer(bench, 'migrate-mongo, updateMany', migrations.updateMany),
      peer(bench, loop, migrations.bulkWrite),
      peer(bench, single, migrations.updateOne, { rounds: 1 }),
    ];
  },
  targets: (of) => {
    const seconds = (name) => of(name)?.median.seconds ?? Number.NaN;
    const own = seconds('polyshift');
    return [
      { text: 'speed against migrate-mongo, each document', value: seconds(single) / own, wanted: 3, better: 'more' },
      { text: 'speed against migrate-mongo by the thousand', value: seconds(loop) / own, wanted: 3, better: 'more' },
      { text: 'time against the same without undo and proof', value: own / seconds(withoutUndo), wanted: 4, better: 'less' },
    ];
  },
};
