// The main job from end to end, on servers of its own or on yours (PG_URL, MONGO_URL): 200,000 users and three real tables go from
// PostgreSQL to MongoDB, are verified, and are then migrated in place; the last migration is rolled back, and a fingerprint proves it.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import mongodb from '@polyshift/mongodb';
import { loadUsers, loadVega, startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import pg from 'pg';

const here = fileURLToPath(new URL('.', import.meta.url));
const command = fileURLToPath(new URL('../../packages/cli/bin/polyshift.mjs', import.meta.url));
const users = Number(process.env.DEMO_USERS ?? 200_000);
const collections = ['users', 'movies', 'zip_codes', 'flights'];
const startedAt = performance.now();

const heading = (text) => process.stdout.write(`\n\x1b[1m== ${text}\x1b[0m\n`);
const say = (text) => process.stdout.write(`${text}\n`);

/** Runs the polyshift command as a user would, and shows it. */
async function polyshift(...parameters) {
  say(`\n$ polyshift ${parameters.join(' ')}`);
  const child = spawn(process.execPath, [command, ...parameters], { cwd: here, stdio: 'inherit', env });
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (status !== 0) throw new Error(`polyshift ${parameters[0]} ended with exit code ${status}`);
}

heading('Servers');
const servers = [await startServer('postgresql'), await startServer('mongodb', { standIn: { maxHeap: '4g' } })];
const [postgresqlServer, mongodbServer] = servers;
for (const server of servers) say(`${server.store}: ${server.description}`);
if (mongodbServer.kind === 'stand_in') {
  say('MongoDB itself could not be had here: a stand-in takes its place. Set MONGO_URL to see the same on a genuine server.');
  for (const { way, reason } of mongodbServer.refused) say(`  ${way}: ${reason}`);
}
const database = new URL(mongodbServer.url);
database.pathname = '/polyshift_demo';
const env = { ...process.env, PG_URL: postgresqlServer.url, MONGO_URL: database.href };

async function withMongodb(work) {
  const client = await MongoClient.connect(database.href);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

async function withPostgresql(work) {
  const client = new pg.Client({ connectionString: env.PG_URL });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function fingerprint(collection) {
  const session = await mongodb.connect(database.href);
  try {
    return await session.fingerprint(collection);
  } finally {
    await session.close();
  }
}

try {
  // The database and the schema of this name belong to the demo: what an earlier run has left in them goes.
  await withMongodb((db) => db.dropDatabase());
  await withPostgresql((client) => client.query('DROP SCHEMA IF EXISTS polyshift_demo CASCADE'));

  heading('Data in PostgreSQL');
  say(
    `${(await loadUsers(env.PG_URL, { schema: 'polyshift_demo', rows: users })).toLocaleString('en')} users (made by faker from a fixed seed)`,
  );
  for (const [table, count] of Object.entries(await loadVega(env.PG_URL, 'polyshift_demo')))
    say(`${count.toLocaleString('en')} ${table} (real data, from vega-datasets)`);

  heading('PostgreSQL to MongoDB');
  await polyshift('etl', 'plan', 'users.yaml');
  for (const spec of collections) await polyshift('etl', 'run', `${spec}.yaml`, '--yes');

  heading('Proof: counts and checksums of both sides');
  for (const spec of collections) await polyshift('etl', 'verify', `${spec}.yaml`);
  const first = await withMongodb((db) => db.collection('users').findOne({}, { sort: { _id: 1 } }));
  say('\nThe first document:');
  say(JSON.stringify(first, null, 2));

  heading('Three versioned migrations of the loaded collections: first the plan');
  await polyshift('plan');
  await polyshift('up', '--to', '2', '--yes');
  const before = await fingerprint('users');
  await polyshift('up', '--yes');
  await polyshift('status');
  await polyshift('verify');

  heading('The last one is rolled back');
  const between = await fingerprint('users');
  await polyshift('down', '--steps', '1', '--expect-current', '3', '--yes');
  const after = await fingerprint('users');
  say(`\nfingerprint of users   schema                            content                           documents`);
  for (const [name, { schema, content, count }] of Object.entries({
    'before 0003': before,
    'after 0003': between,
    'rolled back': after,
  })) {
    say(`${name.padEnd(22)} ${schema.slice(0, 32).padEnd(33)} ${content.slice(0, 32).padEnd(33)} ${count.toLocaleString('en')}`);
  }
  const same = before.schema === after.schema && before.content === after.content && before.count === after.count;
  if (!same || before.content === between.content) throw new Error('the rollback did not bring the collection back as it was');
  say('Schema and every byte of every document are as they were.');

  heading('Done');
  const counts = await withMongodb(async (db) =>
    Promise.all(collections.map(async (name) => `${(await db.collection(name).countDocuments()).toLocaleString('en')} ${name}`)),
  );
  say(
    `${counts.join(', ')} in MongoDB, verified, migrated and rolled back in ${Math.round((performance.now() - startedAt) / 1000)} s.`,
  );
  say(`
What to try next:
  - the same on your own servers:  PG_URL=postgresql://... MONGO_URL=mongodb://... npx pnpm@10 demo
  - look at the spec and the migrations in examples/01-postgresql-to-mongodb, change one, run the demo again
  - a project of your own:         polyshift init, then docs/getting-started.md`);
  const kept = [
    postgresqlServer.kind === 'environment' && 'the schema polyshift_demo in PostgreSQL',
    mongodbServer.kind === 'environment' && 'the database polyshift_demo in MongoDB',
  ].filter(Boolean);
  if (kept.length > 0) say(`\nLeft on your servers for you to look at: ${kept.join(' and ')}.`);
} finally {
  for (const server of servers) await server.stop();
  await rm(new URL('dead-letters', import.meta.url), { recursive: true, force: true });
}
