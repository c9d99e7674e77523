import { BroadcastChannel, threadId } from 'node:worker_threads';
import type { EmitEtl } from '../../events.ts';
import { FleetLoads } from '../fleet-loads.ts';
import { errorData } from '../worker-error.ts';
import type { OwnModuleExports, ThreadMessage, ThreadResult, ThreadTask } from './thread-task.ts';

/** What one thread has open of one run. */
class ThreadShift {
  private readonly loads = new FleetLoads();
  private readonly stop = new AbortController();
  private readonly channel: BroadcastChannel;

  constructor(name: string) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event) => {
      const { kind } = (event as { data: ThreadMessage }).data;
      if (kind === 'stop') this.stop.abort();
      else if (kind === 'close') void this.close();
    };
    // A thread lives as long as its pool wants it.
    this.channel.unref();
    this.post({ kind: 'opened', thread: threadId });
  }

  async run({ own, reference, chunk, shared }: ThreadTask): Promise<ThreadResult> {
    try {
      const ownSpec = async () => {
        const module = (await import(own.module)) as OwnModuleExports;
        const { loaded, dependencies } = await module.ownSpec(own.data);
        return { loaded, dependencies: { ...dependencies, emit: this.emit }, shared };
      };
      return { outcome: await this.loads.runChunk(reference, chunk, ownSpec, { signal: this.stop.signal }) };
    } catch (error) {
      return { error: errorData(error) };
    }
  }

  private readonly emit: EmitEtl = (event) => {
    if (event.kind === 'retry') {
      this.post({ kind: 'retry', error: errorData(event.error), attempt: event.attempt, pause_ms: event.pause_ms });
    } else if (
      event.kind === 'rejected' ||
      event.kind === 'throttled' ||
      event.kind === 'partition_started' ||
      event.kind === 'partition_finished'
    ) {
      this.post({ kind: 'event', event });
    }
  };

  private async close(): Promise<void> {
    await this.loads[Symbol.asyncDispose]();
    this.post({ kind: 'closed', thread: threadId });
  }

  private post(message: ThreadMessage): void {
    this.channel.postMessage(message);
  }
}

let shift: ThreadShift | undefined;

/** Runs a chunk in this thread; a thread belongs to one run. Never throws. */
export default async function runInThread(task: ThreadTask): Promise<ThreadResult> {
  shift ??= new ThreadShift(task.channel);
  return await shift.run(task);
}
