import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { keepThrottle, type RunEvent, up } from '@polyshift/core';
import { startServer, type TestServer } from '@polyshift/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresql } from '../src/index.ts';
import { migrationOf } from './harness.ts';

let folder: string;
let primary: TestServer;
let standby: ChildProcess | undefined;
let standbyUrl: string;

/** A primary and a standby that follows it: the data of a server that was stopped, twice. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-standby-'));
  await chmod(folder, 0o755);
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await (await startServer('postgresql', { kinds: ['native'], dataDir: first })).stop();
  await promisify(execFile)('cp', ['-a', first, second]);
  await writeFile(join(second, 'db', 'standby.signal'), '');
  primary = await startServer('postgresql', { kinds: ['native'], dataDir: first });
  standbyUrl = await startStandby(join(second, 'db'), new URL(primary.url).port);
});

afterAll(async () => {
  if (standby?.exitCode === null) {
    standby.kill('SIGINT');
    await once(standby, 'exit');
  }
  await primary?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program of the primary on a copy of its data. The testkit waits for a server that takes writes, which a standby never does. */
async function startStandby(data: string, primaryPort: string): Promise<string> {
  const port = String(Number(primaryPort) === 65_535 ? 20_000 : Number(primaryPort) + 1);
  const settings = {
    port,
    unix_socket_directories: '',
    listen_addresses: '127.0.0.1',
    primary_conninfo: `host=127.0.0.1 port=${primaryPort} user=postgres`,
    wal_receiver_status_interval: '1',
    max_connections: '200',
    max_wal_senders: '20',
  };
  const { uid, gid } = await stat(data);
  const program = await readlink(`/proc/${primary.process!.pid}/exe`);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  standby = spawn(program, ['-D', data, ...args], { uid, gid, stdio: 'ignore', env: { LC_ALL: 'C' } });
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  for (let tries = 0; !(await canConnect(url)); tries++) {
    if (tries > 300) throw new Error('the standby does not come up');
    await sleep(100);
  }
  return url;
}

async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function onStandby(statement: string): Promise<void> {
  const client = new Client({ connectionString: standbyUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
}

it.skipIf(process.platform !== 'linux')(
  'grows while a standby does not replay, holds a run, and is gone when it has caught up',
  async () => {
    await using session = await postgresql.connect(primary.url);
    await using other = await postgresql.connect(primary.url);
    const client = new Client({ connectionString: primary.url });
    await client.connect();
    await client.query('CREATE TABLE numbers AS SELECT i AS id, 0 AS n FROM generate_series(1, 50) AS i');
    await client.query('ALTER TABLE numbers ADD PRIMARY KEY (id)');
    await expect.poll(async () => (await session.pressure!()).replica_lag_ms, { timeout: 30_000 }).toBeLessThan(1000);
    await onStandby('SELECT pg_wal_replay_pause()');
    await client.query('UPDATE numbers SET n = 0');
    await expect.poll(async () => (await session.pressure!()).replica_lag_ms, { timeout: 30_000 }).toBeGreaterThan(2000);

    await keepThrottle(other.journal, { max_replica_lag_ms: 1500 });
    const events: RunEvent[] = [];
    const run = up({
      session,
      migrations: [
        migrationOf('1', [{ type: 'migrate_data', collection: 'numbers', data: { set: { n: 'n + 1' } }, batch_size: 1 }]),
      ],
      emit: (event) => void events.push(event),
    });
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({ kind: 'throttled', reason: expect.stringMatching(/^replica lag \d+\.\d s > 1.5 s$/) });
    await sleep(1500);
    expect(await session.count('numbers', { n: 0 })).toBe(50);
    await onStandby('SELECT pg_wal_replay_resume()');
    await run;
    expect(await session.count('numbers', { n: 1 })).toBe(50);
    await client.end();
  },
);
