// What a load by workers costs each machine that takes part: the figures of docs/scaling.md. Times of a machine that others use too mean little; seconds of
// processor, commands, transactions and bytes are counted, and stay. Linux alone. `npx pnpm@10 fleet-figures [ROWS]`
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { loadUsers, startServer } from '../packages/testkit/dist/index.js';

const command = fileURLToPath(new URL('../packages/cli/bin/polyshift.mjs', import.meta.url));
const rows = Number(process.argv[2] ?? 200_000);
const [few, many] = [32, 512];

const source = await startServer('postgresql', { kinds: ['native'] });
const target = await startServer('postgresql', { kinds: ['native'] });
const queue = await startServer('redis', { kinds: ['native'] });
try {
  await loadUsers(source.url, { rows });
  const client = new pg.Client({ connectionString: source.url });
  await client.connect();
  await client.query('VACUUM ANALYZE users');
  await client.end();
  process.stdout.write(`${JSON.stringify(await costs(), null, 2)}\n`);
} finally {
  await Promise.all([source, target, queue].map((server) => server.stop()));
}

/** What the load costs by row and by chunk, from one in few chunks and one in many. */
async function costs() {
  const less = await load(few);
  const more = await load(many);
  const perChunk = (name) => (more[name] - less[name]) / (more.chunks - less.chunks);
  const perMillion = (name) => (less[name] * 1e6) / rows;
  return {
    rows,
    server: source.description,
    cpu_seconds_per_million_rows: {
      worker: perMillion('worker_cpu'),
      source: perMillion('source_cpu'),
      target: perMillion('target_cpu'),
    },
    for_each_chunk: {
      worker_cpu_ms: 1000 * perChunk('worker_cpu'),
      source_cpu_ms: 1000 * perChunk('source_cpu'),
      target_cpu_ms: 1000 * perChunk('target_cpu'),
      redis_cpu_ms: 1000 * perChunk('redis_cpu'),
      redis_commands: perChunk('redis_commands'),
      target_transactions: perChunk('target_transactions'),
    },
    redis_bytes_for_each_waiting_chunk: more.redis_bytes / more.chunks,
    connections_of_a_worker: { source: less.source_connections, target: less.target_connections },
    worker_rss_mb: less.worker_rss_mb,
    runs: [less, more],
  };
}

/** Loads all rows by one worker, in so many chunks, and takes them back. */
async function load(chunks) {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-figures-'));
  const redis = new Redis(queue.url);
  const client = new pg.Client({ connectionString: target.url });
  const reader = new pg.Client({ connectionString: source.url });
  await Promise.all([client.connect(), reader.connect()]);
  try {
    await writeFile(
      join(folder, 'polyshift.config.json'),
      JSON.stringify({
        stores: { from: { type: 'postgresql', url: source.url }, to: { type: 'postgresql', url: target.url } },
        engine: { type: 'bullmq', redis: queue.url, chunks },
      }),
    );
    await writeFile(
      join(folder, 'users.json'),
      JSON.stringify({
        name: 'users',
        source: { store: 'from' },
        target: { store: 'to' },
        steps: [
          { type: 'extract', source_table: 'users' },
          { type: 'load', target_table: 'users', key: ['id'] },
        ],
      }),
    );
    const empty = await memory(redis);
    const run = start(folder, 'etl', 'run', 'users.json', '--json');
    // Without a worker the chunks wait: so many bytes do they take.
    while ((await redis.llen('bull:polyshift:wait')) < chunks) await sleep(50);
    const redis_bytes = (await memory(redis)) - empty;
    const before = await figures(redis, client);
    const worker = start(folder, 'worker', '--idle', '3');
    let [source_connections, target_connections, worker_rss_mb, worker_cpu] = [0, 0, 0, 0];
    let working = true;
    const watching = (async () => {
      while (working) {
        source_connections = Math.max(source_connections, await connections(reader));
        target_connections = Math.max(target_connections, await connections(client));
        const usage = await usageOf(worker.child.pid).catch(() => undefined);
        if (usage) [worker_cpu, worker_rss_mb] = [usage.cpu, Math.max(worker_rss_mb, usage.rss_mb)];
        await sleep(200);
      }
    })();
    const { code, stdout, stderr } = await run.ended;
    const after = await figures(redis, client);
    await sleep(300);
    working = false;
    await watching;
    await worker.ended;
    if (code !== 0) throw new Error(`etl run ended with ${code}: ${stderr}${stdout}`);
    const undone = await start(folder, 'etl', 'rollback', 'users.json', '--yes').ended;
    if (undone.code !== 0) throw new Error(undone.stderr);
    const changes = Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));
    return {
      chunks,
      ...changes,
      worker_cpu,
      worker_rss_mb,
      // Those that look, and the one of the run.
      source_connections: source_connections - 1,
      target_connections: target_connections - 1,
      redis_bytes,
      duration_ms: JSON.parse(stdout).duration_ms,
    };
  } finally {
    redis.disconnect();
    await Promise.all([client.end(), reader.end()]);
    await rm(folder, { recursive: true });
  }
}

function start(cwd, ...parameters) {
  const child = spawn(process.execPath, [command, ...parameters], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr }))) };
}

async function figures(redis, client) {
  const info = await redis.info('everything');
  const of = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
  const { rows: found } = await client.query(
    'SELECT sum(xact_commit)::float8 AS commits FROM pg_stat_database WHERE datname = current_database()',
  );
  return {
    redis_commands: of('total_commands_processed'),
    redis_cpu: of('used_cpu_sys') + of('used_cpu_user'),
    target_transactions: found[0].commits,
    source_cpu: await serverCpu(source.process.pid),
    target_cpu: await serverCpu(target.process.pid),
  };
}

async function memory(redis) {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))[1]);
}

/** Connections of clients but this one. */
async function connections(client) {
  const { rows: found } = await client.query(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  return found[0].count;
}

/** Seconds of processor of a server: of its processes, and of those that have ended. */
async function serverCpu(pid) {
  let seconds = (await statOf(pid)).ended;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await statOf(Number(name)).catch(() => undefined);
    if (stat && (Number(name) === pid || stat.parent === pid)) seconds += stat.cpu;
  }
  return seconds;
}

async function usageOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { cpu: (await statOf(pid)).cpu, rss_mb: Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024 };
}

async function statOf(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (position) => Number(fields[position]) / 100;
  return { parent: Number(fields[1]), cpu: ticks(11) + ticks(12), ended: ticks(13) + ticks(14) };
}
