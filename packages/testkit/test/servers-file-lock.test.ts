import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exclusively } from '../src/servers/file-lock.ts';
import { programFolder } from '../src/servers/program-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyshift-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('runs one piece of work at a time and leaves nothing behind', async () => {
  let running = 0;
  let most = 0;
  const work = async (result: number): Promise<number> => {
    most = Math.max(most, ++running);
    await sleep(20);
    running--;
    return result;
  };
  const results = await Promise.all([1, 2, 3, 4, 5].map((result) => exclusively(join(folder, 'x.lock'), () => work(result))));
  expect(results).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('gives the lock back when the work fails', async () => {
  const lock = join(folder, 'x.lock');
  await expect(exclusively(lock, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(await exclusively(lock, async () => 'next')).toBe('next');
});

test('takes the lock of a process that has died', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(folder, 'x.lock'), `${pid}\n`);
  expect(await exclusively(join(folder, 'x.lock'), async () => 'mine')).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('goes on without the lock when its holder does not come to an end', async () => {
  writeFileSync(join(folder, 'x.lock'), `${process.pid}\n`);
  expect(await exclusively(join(folder, 'x.lock'), async () => 'anyway', { patience: 300 })).toBe('anyway');
  expect(readdirSync(folder)).toEqual(['x.lock']);
});

test('programFolder makes a folder once, and again when it failed', async () => {
  const env = { XDG_CACHE_HOME: folder };
  // What a process leaves behind that is killed while it makes the folder.
  mkdirSync(join(folder, 'polyshift', 'draft-store-1-killed'), { recursive: true });
  let made = 0;
  const make = async (path: string): Promise<void> => {
    made++;
    if (made === 1) throw new Error('no network');
    writeFileSync(join(path, 'program'), 'x');
  };
  await expect(programFolder('store-1', make, { env })).rejects.toThrow('no network');
  const paths = await Promise.all([1, 2, 3].map(() => programFolder('store-1', make, { env })));
  expect(new Set(paths)).toEqual(new Set([join(folder, 'polyshift', 'store-1')]));
  expect(made).toBe(2);
  expect(readdirSync(join(folder, 'polyshift'))).toEqual(['store-1']);
  expect(readdirSync(paths[0] ?? '')).toEqual(['program']);
});
