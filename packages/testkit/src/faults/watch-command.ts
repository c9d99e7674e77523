import { type ChildProcess, spawn } from 'node:child_process';

/** A command to run. */
export interface CommandLine {
  /** The working folder. */
  readonly cwd: string;
  /** What comes on top of this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The program's own file, and its parameters. */
  readonly script: string;
  readonly parameters: readonly string[];
}

/** A place that the command has reached. */
export interface ReachedPlace {
  readonly place: string;
  /** Places passed up to here, from 1. */
  readonly passed: number;
}

/** How a command has ended. */
export interface Ended {
  /** The exit code; null after a kill. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs as a child process, watched at its places. */
export interface WatchedCommand {
  readonly child: ChildProcess;
  /** Resolves at the first place; undefined where the command ends before it. */
  readonly begun: Promise<ReachedPlace | undefined>;
  /** Resolves when the command waits at the place that it was to stop at; undefined where it ends before. */
  readonly stopped: Promise<ReachedPlace | undefined>;
  readonly ended: Promise<Ended>;
  /** Lets a command go on that waits at its place. */
  goOn(): void;
  /** Ends it by SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** What to watch for. */
export interface Watch {
  /** The command waits when it has passed that many places, from 1. Default: it does not wait. */
  readonly stop_at?: number;
  /** A file to which each place is written, one a line. */
  readonly places_file?: string;
}

// What the child loads is compiled code, also where this file is run from its source.
const hook = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/faults/stop-at-places.js' : './stop-at-places.js',
  import.meta.url,
);

/** Collects what a child process says, and resolves when it has ended and said all. */
export function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (data) => {
    stdout += String(data);
  });
  child.stderr!.on('data', (data) => {
    stderr += String(data);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/**
 * Starts a command of polyshift as a user does, in a process of its own that can be stopped at each of the named places where the runner and the
 * pipeline stand between two writes, and killed there or at any other moment.
 */
export function watchCommand({ cwd, env, script, parameters }: CommandLine, watch: Watch = {}): WatchedCommand {
  const child = spawn(process.execPath, ['--import', hook.href, script, ...parameters], {
    cwd,
    env: {
      ...process.env,
      ...env,
      ...(watch.stop_at === undefined ? {} : { POLYSHIFT_STOP_AT: String(watch.stop_at) }),
      ...(watch.places_file === undefined ? {} : { POLYSHIFT_PLACES_FILE: watch.places_file }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = endOf(child);
  type Told = ReachedPlace & { stopped: boolean };
  const told = (wanted: (message: Told) => boolean) =>
    new Promise<ReachedPlace | undefined>((resolve) => {
      child.on('message', (message: Told) => {
        if (wanted(message)) resolve({ place: message.place, passed: message.passed });
      });
      child.once('close', () => resolve(undefined));
    });
  return {
    child,
    begun: told(() => true),
    stopped: told((message) => message.stopped),
    ended,
    goOn() {
      if (child.connected) child.send('go on', () => undefined);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
