import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { treeMemory } from './process-tree.mjs';

/** How often the memory of the processes is looked at, in milliseconds. */
const lookEvery = 100;

/**
 * Runs a program to its end and measures it from outside, alike for every program: seconds by the clock, seconds of processor of it and of
 * all processes that it has waited for (by the shell's own `time`), and the greatest resident memory of the whole tree, looked at ten times a second.
 * @param {{file: string, args?: readonly string[], cwd?: string, env?: Record<string, string>, input?: string}} command
 * @returns {Promise<{seconds: number, cpu_seconds: number, peak_rss_mb: number | null, stdout: string, stderr: string}>}
 * @throws Error with the end of what the program said when it ends with another code than 0.
 */
export async function runMeasured({ file, args = [], cwd, env = {}, input }) {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="measured %3R %3U %3S"; time "$@"', 'measure', file, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let running = true;
  let peak = 0;
  const watching = (async () => {
    while (running) {
      peak = Math.max(peak, await treeMemory(child.pid));
      await sleep(lookEvery);
    }
  })();
  const code = await ended.finally(() => (running = false));
  await watching;
  const times = /^measured ([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(stderr);
  if (code !== 0 || !times) {
    throw new Error(`${file} ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}${stdout.slice(-500)}`);
  }
  return {
    seconds: Number(times[1]),
    cpu_seconds: Number(times[2]) + Number(times[3]),
    peak_rss_mb: peak === 0 ? null : Math.round(peak / 1_048_576),
    stdout,
    stderr: stderr.replace(times[0], ''),
  };
}
