import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPortFree } from '../src/servers/free-port.ts';
import { type FreshDatabase, freshDatabase } from '../src/servers/fresh-database.ts';
import type { ServerOptions, ServerStore, TestServer } from '../src/servers/server.ts';
import { startServer } from '../src/servers/start-server.ts';

/** How a store's driver is used, in a database of its own. */
export interface StoreProbe {
  readonly store: ServerStore;
  readonly description: RegExp;
  readonly url: RegExp;
  /** Writes a value; the first time this makes the table, index or the like. */
  put(url: string, value: number): Promise<void>;
  /** Reads it back, or undefined where there is none. */
  get(url: string): Promise<number | undefined>;
  /** Names of databases, tables, keys or indices on the whole server that begin with a name. */
  names(serverUrl: string, name: string): Promise<readonly string[]>;
  /** Options of the start besides its kind. */
  options?(folder: string): ServerOptions;
}

// A first start may download up to a gigabyte.
const patience = 20 * 60_000;

/**
 * The life of a native server, told in one test file: starts are what costs time here. The server's data must be on disk.
 */
export function testLifecycle(probe: StoreProbe): void {
  let folder: string;
  let before: string | undefined;
  let server: TestServer;
  let port: number;
  let kept: FreshDatabase;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyshift-lifecycle-'));
    await chmod(folder, 0o755);
    // Temporary folders of the server go here, where they can be counted.
    before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    server = await startServer(probe.store, { ...probe.options?.(folder), kinds: ['native'] });
    port = Number(/127\.0\.0\.1:(\d+)/.exec(server.url)?.[1]);
  }, patience);
  afterAll(async () => {
    await server?.stop();
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(folder, { recursive: true, force: true });
  }, patience);

  test('starts, and says where and what it is', () => {
    expect(server).toMatchObject({ store: probe.store, kind: 'native' });
    expect(server.description).toMatch(probe.description);
    expect(server.url).toMatch(probe.url);
    expect(server.process?.keepsData).toBe(true);
  });

  test('gives fresh databases that do not see each other, and drops one with all it holds', { timeout: patience }, async () => {
    kept = await freshDatabase(server, 'Kept');
    await using dropped = await freshDatabase(server, 'Dropped');
    await probe.put(kept.url, 1);
    await probe.put(dropped.url, 2);
    expect([await probe.get(kept.url), await probe.get(dropped.url)]).toEqual([1, 2]);
    expect(await probe.names(server.url, dropped.name)).not.toEqual([]);
    await dropped.drop();
    expect(await probe.names(server.url, dropped.name)).toEqual([]);
    expect(await probe.get(kept.url)).toBe(1);
  });

  test('keeps what was written over SIGKILL and restart', { timeout: patience }, async () => {
    if (!server.process) throw new Error(`${server.description} is no child process`);
    await probe.put(kept.url, 3);
    const { pid } = server.process;
    await server.process.kill();
    expect(await isPortFree(port)).toBe(true);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await server.process.restart();
    expect(server.process.pid).not.toBe(pid);
    expect(await probe.get(kept.url)).toBe(3);
    await kept.drop();
  });

  test('frees the port when it stops, and leaves no temporary folder', { timeout: patience }, async () => {
    await server.stop();
    expect(await isPortFree(port)).toBe(true);
    const wanted = probe.options?.(folder).dataDir;
    expect((await readdir(folder)).map((name) => join(folder, name))).toEqual(wanted === undefined ? [] : [wanted]);
  });
}
