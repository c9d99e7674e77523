import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from './command-process.ts';

const recorder = new URL('./recorded-modules.mjs', import.meta.url).href;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A run of the command, and what it has loaded. */
export interface RecordedRun extends CommandResult {
  /** Each file once: a path from the root of the workspace. */
  readonly modules: readonly string[];
}

/** Runs an entry of the command to its end, and records the modules that its process loads. */
export async function recordModules(
  entry: string,
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<RecordedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-modules-'));
  const file = join(folder, 'modules');
  try {
    const child = spawn(process.execPath, ['--import', recorder, entry, ...args], {
      cwd,
      env: { ...process.env, ...variables, POLYSHIFT_MODULES_FILE: file, FORCE_COLOR: '', POLYSHIFT_DEBUG: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text;
      });
    }
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    });
    const urls = (await readFile(file, 'utf8')).split('\n').filter((url) => url.startsWith('file:'));
    const modules = [...new Set(urls.map((url) => decodeURI(url).replace(`file://${root}`, '')))];
    return { code, signal, ...texts, modules };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
