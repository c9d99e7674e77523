import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../bin/polyshift.mjs', import.meta.url));
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What a run of the command left behind. */
export interface CommandResult {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface CommandProcess {
  readonly child: ChildProcess;
  readonly result: Promise<CommandResult>;
  /** Waits until the output on stderr matches. Throws with all output where the process ends before. */
  seen(pattern: RegExp): Promise<void>;
}

/** Starts the real binary in a folder. Colours and debug output are off, and the variables of stores come from `env` alone. */
export function startCommand(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): CommandProcess {
  if (!existsSync(built)) throw new Error('the command is not built: run `tsc -b` first');
  const { PG_URL: _pg, MONGO_URL: _mongo, FORCE_COLOR: _colour, POLYSHIFT_DEBUG: _debug, ...inherited } = process.env;
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(stderr)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      result.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern}:\n${stdout}\n${stderr}`)), reject);
    });
  return { child, result, seen };
}

/** Runs the real binary to its end. */
export function runCommand(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return startCommand(cwd, args, env).result;
}

/** The one JSON document on stdout. Throws where there is none, or anything else. */
export function jsonOf(result: CommandResult): Record<string, unknown> {
  try {
    return JSON.parse(result.stdout) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`stdout is not one JSON document:\n${result.stdout}\nstderr:\n${result.stderr}`, { cause });
  }
}

/** The error in the JSON document on stdout. */
export function jsonErrorOf(result: CommandResult): { code: string; message: string; hint: string; place?: { line?: number } } {
  return jsonOf(result)['error'] as { code: string; message: string; hint: string; place?: { line?: number } };
}
