import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPortFree } from '../src/servers/free-port.ts';
import { sharedServer } from '../src/servers/shared-server.ts';
import { waitUntil } from '../src/servers/wait-until.ts';

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
const config = fileURLToPath(new URL('shared-run/vitest.config.ts', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-shared-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly pid: number;
  /** The addresses that its tests have printed so far. */
  urls(): string[];
  output(): string;
  /** Resolves to the exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a test run with its own folder for temporary files, so that what it leaves behind can be seen. */
function startRun(...files: string[]): Run {
  const env = { ...process.env, TMPDIR: folder, REDIS_URL: '' };
  // A run inside a run would take itself for a worker.
  for (const name of Object.keys(env)) if (/^(?:VITEST|TINYPOOL)/.test(name)) delete env[name as keyof typeof env];
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...files], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    pid: child.pid ?? 0,
    urls: () => [...output.matchAll(/^url (\S+)$/gm)].map((match) => match[1] ?? ''),
    output: () => output,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code))),
  };
}

async function expectNothingLeft(url: string | undefined): Promise<void> {
  const port = Number(new URL(url ?? '').port);
  await waitUntil(async () => {
    expect(await isPortFree(port)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith('polyshift-'))).toEqual([]);
  }, 20_000);
}

describe('the servers of a test run', () => {
  test('are started once, whichever projects and files ask for them, and are stopped at its end', async () => {
    const run = startRun('asks', 'starts');
    expect(await run.ended, run.output()).toBe(0);
    expect(run.urls()).toHaveLength(3);
    expect(new Set(run.urls()).size).toBe(1);
    expect(run.output().match(/^redis: Redis .*$/gm)).toHaveLength(1);
    await expectNothingLeft(run.urls()[0]);
  });

  test('are not started for files that ask for none', async () => {
    const run = startRun('idle');
    expect(await run.ended, run.output()).toBe(0);
    expect(run.output()).not.toContain('redis');
  });

  test('are stopped when tests fail', async () => {
    const run = startRun('fails');
    expect(await run.ended).toBe(1);
    await expectNothingLeft(run.urls()[0]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('are ended when the run is ended by %s', async (signal) => {
    const run = startRun('hangs');
    await waitUntil(async () => expect(run.urls(), run.output()).toHaveLength(1), 50_000);
    process.kill(run.pid, signal);
    await run.ended;
    await expectNothingLeft(run.urls()[0]);
  });
});

test('sharedServer says why there is no server', async () => {
  await expect(sharedServer('no such store' as 'redis')).rejects.toThrow('no server of no such store to be had');
});
