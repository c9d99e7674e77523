import { PassThrough } from 'node:stream';
import { runCommandLine } from '../src/command/run-command-line.ts';
import type { CommandResult } from './command-process.ts';

/** Runs a command line inside of the test: what a test of many calls needs where starting the binary is not what it is about. */
export async function runInProcess(cwd: string, args: readonly string[]): Promise<CommandResult> {
  const [stdout, stderr] = [collector(), collector()];
  const host = { cwd, environment: {}, stdin: new PassThrough(), stdout: stdout.stream, stderr: stderr.stream };
  const code = await runCommandLine(args, host as unknown as Parameters<typeof runCommandLine>[1]);
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (data) => {
    text += String(data);
  });
  return { stream, text: () => text };
}
