import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { Client } from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { freshDatabase } from '../src/servers/fresh-database.ts';
import type { ServerProcess, TestServer } from '../src/servers/server.ts';
import { startServer } from '../src/servers/start-server.ts';

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

function processOf(server: TestServer): ServerProcess {
  if (!server.process) throw new Error(`${server.description} is no child process`);
  return server.process;
}

describe("the run's PostgreSQL", () => {
  const server = { store: 'postgresql', url: inject('postgresqlUrl') } as const;

  test('answers and says what it is', async () => {
    const [row] = await query<{ server_version: string }>(server.url, 'SHOW server_version');
    expect(inject('postgresqlDescription')).toContain(row?.server_version.split(' ')[0]);
  });

  test('gives fresh databases that do not see each other, and drops them while somebody is connected', async () => {
    await using first = await freshDatabase(server, 'Fresh DB');
    await using second = await freshDatabase(server, 'Fresh DB');
    expect(first.name).not.toBe(second.name);
    await query(first.url, 'CREATE TABLE only_here (id int)');
    expect(await query(second.url, "SELECT 1 FROM pg_class WHERE relname = 'only_here'")).toEqual([]);

    const lingering = new Client({ connectionString: first.url });
    lingering.on('error', () => {});
    await lingering.connect();
    await first.drop();
    expect(await query(server.url, `SELECT 1 FROM pg_database WHERE datname = '${first.name}'`)).toEqual([]);
    await lingering.end().catch(() => {});
  });
});

describe('an embedded PostgreSQL of its own', () => {
  test('keeps its data over SIGKILL and restart, and frees port and folder when it stops', async () => {
    const server = await startServer('postgresql', { kinds: ['native'], settings: { work_mem: '7MB' } });
    try {
      expect(server).toMatchObject({ store: 'postgresql', kind: 'native', refused: [] });
      expect(server.description).toMatch(/^PostgreSQL \d+\.\d+, embedded$/);
      const settings =
        "SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'work_mem', 'server_encoding') ORDER BY name";
      expect(await query(server.url, settings)).toEqual([
        { name: 'server_encoding', setting: 'UTF8' },
        { name: 'wal_level', setting: 'logical' },
        { name: 'work_mem', setting: '7168' },
      ]);
      await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');

      const process = processOf(server);
      const before = process.pid;
      await process.kill('SIGKILL');
      expect(await listens(server.url)).toBe(false);
      await process.restart();
      expect(process.pid).not.toBe(before);
      expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);

      const [folder] = await query<{ data_directory: string }>(server.url, 'SHOW data_directory');
      await server.stop();
      expect(await listens(server.url)).toBe(false);
      expect(existsSync(folder?.data_directory ?? '')).toBe(false);
    } finally {
      await server.stop();
    }
  });
});
