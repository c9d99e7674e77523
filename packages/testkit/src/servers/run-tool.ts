import { spawn } from 'node:child_process';

/** How to run a tool to its end. */
export interface RunToolOptions {
  readonly cwd?: string;
  /** The whole environment. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Milliseconds before the tool is killed and the call fails. Default 60,000. */
  readonly timeout?: number;
  /** The name the program finds itself called by. Default: the command. */
  readonly argv0?: string;
}

/**
 * Runs a program to its end, without a shell.
 * @returns What it wrote to stdout and stderr, in order.
 * @throws Error with the beginning and the end of its output when it cannot be run, fails or takes too long.
 */
export function runTool(command: string, args: readonly string[], options: RunToolOptions = {}): Promise<string> {
  const { cwd, env, user, timeout = 60_000, argv0 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout,
      killSignal: 'SIGKILL',
      ...(argv0 !== undefined && { argv0 }),
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (error) => reject(new Error(`${command} cannot be run: ${error.message}`, { cause: error })));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const how = signal ? `was ended by ${signal} (limit ${timeout / 1000} s)` : `failed with exit status ${code}`;
      reject(new Error(`${command} ${how}.\n${shortened(output.trim().split('\n'))}`));
    });
  });
}

/** Compilers name the cause first, servers last. */
function shortened(lines: readonly string[], most = 24): string {
  if (lines.length <= most) return lines.join('\n');
  return [...lines.slice(0, most / 2), `... (${lines.length - most} lines)`, ...lines.slice(-most / 2)].join('\n');
}
