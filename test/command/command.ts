import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ended, endOf } from '@polyshift/testkit/faults';

/** The command as it is installed. */
export const commandFile = fileURLToPath(new URL('../../packages/cli/bin/polyshift.mjs', import.meta.url));

/** The command as a child process. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Resolves when it has ended; the code is null after a kill. */
  readonly ended: Promise<Ended>;
}

/** Starts the command as a user does. */
export function startCommand(cwd: string, env: Record<string, string>, ...parameters: string[]): RunningCommand {
  const child = spawn(process.execPath, [commandFile, ...parameters], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, ended: endOf(child) };
}

/** Runs the command to its end. */
export async function runCommand(cwd: string, env: Record<string, string>, ...parameters: string[]) {
  return startCommand(cwd, env, ...parameters).ended;
}

/** Runs the command and kills it by SIGKILL after some milliseconds; false when it had ended before. */
export async function killCommand(
  after_ms: number,
  cwd: string,
  env: Record<string, string>,
  ...parameters: string[]
): Promise<boolean> {
  const { child, ended } = startCommand(cwd, env, ...parameters);
  const timer = setTimeout(() => child.kill('SIGKILL'), after_ms);
  const { code } = await ended;
  clearTimeout(timer);
  return code === null;
}
