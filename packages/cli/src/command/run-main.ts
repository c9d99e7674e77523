import type { ExitCode } from '@polyshift/core';
import type { Host } from './host.ts';

/** Runs the command line of this process, and lets the process end with its exit code. */
export async function runMain(run: (argv: readonly string[], host: Host) => Promise<ExitCode>): Promise<void> {
  // A reader that went away (`polyshift plan | head`) must not end a run that is changing a store.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

  process.exitCode = await run(process.argv.slice(2), {
    cwd: process.cwd(),
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });

  // Everything is done and closed. Should a driver keep the process alive all the same, it does not do so for long.
  const end = (): void => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    setTimeout(end, 100).unref();
  };
  setTimeout(end, 2000).unref();
}
