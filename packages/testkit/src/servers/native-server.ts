import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, removeDataFolder } from './data-folder.ts';
import { onProcessExit } from './exit-hook.ts';
import { startGuardian } from './guardian.ts';
import { logTail, type ProcessSpec, type RunningProcess, startProcess } from './process.ts';
import type { ServerStore, TestServer } from './server.ts';

/** A server that runs as a child process. */
export interface NativeServerSpec {
  readonly store: ServerStore;
  readonly url: string;
  readonly kind: 'native' | 'stand_in';
  readonly description: string;
  readonly folder: DataFolder;
  readonly process: ProcessSpec;
  /** Whether the data is on disk, so that it survives a restart. */
  readonly keepsData: boolean;
  /** The signal by which an exit hook ends the server at once, its own children included. Default `SIGKILL` to its process group. */
  readonly exitSignal?: NodeJS.Signals;
  /** Runs after each start, before the server counts as started, for example to wait for a primary. */
  afterStart?(): Promise<void>;
}

/**
 * Starts a child process and wraps it as a {@link TestServer} with a restart and an exit hook.
 * @throws Error with the end of the log when it does not start; a temporary folder is then removed.
 */
export async function startNativeServer(spec: NativeServerSpec): Promise<TestServer> {
  const { folder, exitSignal = 'SIGKILL' } = spec;
  let running: RunningProcess | undefined;
  const guardian = startGuardian(exitSignal, folder.temporary ? folder.path : undefined);
  const unhook = onProcessExit(() => {
    running?.signal(exitSignal);
    if (folder.temporary) rmSync(folder.path, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const started = await startProcess(spec.process, (group) => guardian.watch(group));
    running = started;
    void started.exited.then(() => {
      if (running === started) guardian.watch(undefined);
    });
    try {
      await spec.afterStart?.();
    } catch (error) {
      await started.stop();
      throw error;
    }
  }
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
    unhook();
    await removeDataFolder(folder);
    guardian.release();
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    store: spec.store,
    url: spec.url,
    kind: spec.kind,
    description: spec.description,
    refused: [],
    process: {
      get pid() {
        if (running === undefined) throw new Error(`${spec.description} was stopped`);
        return running.pid;
      },
      keepsData: spec.keepsData,
      logTail: () => logTail(spec.process.logFile),
      kill: async (signal = 'SIGKILL') => running?.kill(signal),
      async restart() {
        await running?.stop();
        await retry(start);
      },
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** After SIGKILL the port and the shared memory of a server stay taken until its own children have noticed. */
async function retry(start: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
