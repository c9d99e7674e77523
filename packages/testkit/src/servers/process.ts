import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What to run and how to tell that it is ready. */
export interface ProcessSpec {
  /** The name for messages, for example `PostgreSQL`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** The working folder. */
  readonly cwd: string;
  /** Runs it as this user. Default: as the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** The file that takes what the process writes; replaced at each start. */
  readonly logFile: string;
  /** The file that holds the process id while the process runs. */
  readonly pidFile: string;
  /** What the log holds once the server answers. */
  readonly readyLine: RegExp;
  /** How long the start may take, in milliseconds. Default 60,000. */
  readonly startTimeout?: number;
  /** The signal for an orderly stop. Default `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long an orderly stop may take before SIGKILL, in milliseconds. Default 10,000. */
  readonly stopTimeout?: number;
  /** The name the program finds itself called by. Default: the command. */
  readonly argv0?: string;
  /** For a server that a launcher runs as its child: the file into which the server writes its own process id. */
  readonly serverPidFile?: string;
}

/** A child process that has said it is ready. */
export interface RunningProcess {
  /** The process id of the server itself. */
  readonly pid: number;
  /** The process group of the server, and of its launcher if it has one. */
  readonly group: number;
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<void>;
  /** Sends a signal to the whole group without waiting; for exit hooks. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it in order, and by SIGKILL when it does not stop in time. Does nothing when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a child process and waits for its ready line. The process writes to a file rather than to a pipe: a pipe blocks
 * the server while this process is busy, and kills it when this process dies.
 * @param onSpawn Is told the process group as soon as there is one, before the process is ready.
 * @throws Error with the end of the log when it ends early or does not get ready in time; it is then not running.
 */
export async function startProcess(spec: ProcessSpec, onSpawn?: (group: number) => void): Promise<RunningProcess> {
  const log = openSync(spec.logFile, 'w');
  let child: ChildProcess;
  try {
    child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C in a terminal must not stop the server before the tests have ended.
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(spec.argv0 !== undefined && { argv0: spec.argv0 }),
      ...(spec.user && { uid: spec.user.uid, gid: spec.user.gid }),
    });
  } finally {
    closeSync(log);
  }
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended = signal ? `ended by ${signal}` : `ended with exit status ${code}`;
      rmSync(spec.pidFile, { force: true });
      resolve();
    });
  });
  const group = child.pid;
  if (group === undefined) {
    await exited;
    throw new Error(`${spec.name} cannot be run (${spec.command}): ${ended}`);
  }
  let pid = group;
  onSpawn?.(group);
  writeFileSync(spec.pidFile, `${pid}\n`);
  // A forgotten server must not keep this process alive; the exit hook stops it.
  child.unref();

  const running: RunningProcess = {
    get pid() {
      return pid;
    },
    group,
    exited,
    signal: (signal) => void (ended === undefined && send(process.platform === 'win32' ? group : -group, signal)),
    async kill(signal) {
      if (ended !== undefined) return;
      // Nothing else may hold the event loop while this waits.
      child.ref();
      send(pid, signal);
      await exited;
    },
    async stop() {
      if (ended !== undefined) return;
      const timer = setTimeout(() => running.signal('SIGKILL'), spec.stopTimeout ?? 10_000);
      await running.kill(spec.stopSignal ?? 'SIGTERM');
      clearTimeout(timer);
    },
  };

  const timeout = spec.startTimeout ?? 60_000;
  const deadline = Date.now() + timeout;
  while (!spec.readyLine.test(readLog(spec.logFile))) {
    if (ended !== undefined) throw new Error(`${spec.name} ${ended} while starting.\n${logTail(spec.logFile)}`);
    if (Date.now() > deadline) {
      running.signal('SIGKILL');
      await exited;
      throw new Error(`${spec.name} was not ready within ${timeout / 1000} s.\n${logTail(spec.logFile)}`);
    }
    await sleep(20);
  }
  if (spec.serverPidFile !== undefined) {
    pid = Number(readFileSync(spec.serverPidFile, 'utf8'));
    writeFileSync(spec.pidFile, `${pid}\n`);
  }
  return running;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended in the meantime.
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** The last lines of a log, or a note that there is none. */
export function logTail(logFile: string, lines = 20): string {
  const text = readLog(logFile).trimEnd();
  return text === '' ? '(its log is empty)' : text.split('\n').slice(-lines).join('\n');
}

function readLog(logFile: string): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
}
