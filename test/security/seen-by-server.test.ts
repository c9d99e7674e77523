import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCommand } from '../command/command.ts';
import { storeOf } from '../matrix/shape-stage.ts';
import type { MatrixStore } from '../matrix/stores.ts';
import { openAccount } from './accounts.ts';
import { secretsIn } from './secret.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-seen-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

/** How a server names the connections that it has, the name of each program included. */
const lists: [MatrixStore['server'], (url: string) => Promise<string>][] = [
  ['mysql', mysqlConnections],
  ['mariadb', mysqlConnections],
  [
    'redis',
    async (url) => {
      const client = new Redis(url);
      const list = String(await client.call('CLIENT', 'LIST'));
      client.disconnect();
      return list;
    },
  ],
];

async function mysqlConnections(url: string): Promise<string> {
  const client = await mysql.createConnection(url);
  const [threads] = await client.query('SHOW FULL PROCESSLIST');
  const [attributes] = await client.query('SELECT * FROM performance_schema.session_account_connect_attrs');
  await client.end();
  // The name of a program is an attribute, which servers keep only where their performance schema is on.
  return JSON.stringify([threads, attributes]);
}

it.each(lists)('%s shows who is connected, and no password', async (server, list) => {
  await using account = await openAccount(server, folder);
  await using session = await storeOf(server).adapter.connect(account.url);
  await session.introspect();
  const shown = await list(account.url);
  expect(secretsIn(shown), shown).toEqual([]);
  expect(shown).toContain(server === 'redis' ? 'name=polyshift' : '"Command":"Sleep"');
});

it('neither PostgreSQL nor the list of processes shows a password while a migration runs', async () => {
  await using account = await openAccount('postgresql', folder);
  await writeFile(
    join(folder, 'polyshift.config.yaml'),
    'stores: { main: { type: postgresql, url: "${STORE_URL}" } }\nmigrations: .\n',
  );
  await writeFile(join(folder, '0001_wait.up.sql'), 'SELECT pg_advisory_lock(7), pg_advisory_unlock(7);\n');
  await writeFile(join(folder, '0001_wait.down.sql'), 'SELECT 1;\n');
  const watcher = new pg.Client({ connectionString: account.url });
  await watcher.connect();
  await watcher.query('SELECT pg_advisory_lock(7)');
  const run = startCommand(folder, { STORE_URL: account.url }, 'up');
  const activity = async () =>
    JSON.stringify((await watcher.query("SELECT * FROM pg_stat_activity WHERE application_name = 'polyshift'")).rows);
  await expect.poll(activity, { timeout: 60_000 }).toContain('pg_advisory_lock(7), pg_advisory_unlock');
  const processes = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(run.child.pid)]);
  const shown = (await activity()) + processes.stdout;
  expect(processes.stdout).toContain('polyshift');
  expect(secretsIn(shown), shown).toEqual([]);
  await watcher.query('SELECT pg_advisory_unlock(7)');
  await watcher.end();
  expect((await run.ended).code).toBe(0);
});
