import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { EngineLoad } from '../engine.ts';
import { errorFrom } from '../worker-error.ts';
import type { OwnModule, ThreadMessage, ThreadResult, ThreadTask } from './thread-task.ts';

/** Milliseconds that threads have to end the writes in flight, and to close what is open, until they are ended from outside. */
const [stopMs, closeMs] = [30_000, 5000];

/** The threads of one run, and the channel to them. */
export class ThreadPool {
  private readonly own: OwnModule;
  private readonly load: EngineLoad;
  private readonly pool: Piscina<ThreadTask, ThreadResult>;
  private readonly channel: BroadcastChannel;
  private readonly shared: ThreadTask['shared'];
  /** Threads that have something open. */
  private readonly opened = new Set<number>();
  private closed = (): void => undefined;

  constructor(threads: number, own: OwnModule, load: EngineLoad) {
    this.own = own;
    this.load = load;
    this.shared = load.shared();
    this.channel = new BroadcastChannel(`polyshift-${randomUUID()}`);
    this.channel.onmessage = (event) => this.heard((event as { data: ThreadMessage }).data);
    this.pool = new Piscina({
      filename: new URL('./thread.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      // A thread that waits must not stand still: heartbeats and connections go on.
      atomics: 'disabled',
      recordTiming: false,
    });
    // A thread that dies without a chunk has nothing to lose; it is replaced.
    this.pool.on('error', () => undefined);
  }

  /** Runs a chunk in the next free thread. Throws where the thread dies. */
  async run(chunk: number): Promise<ThreadResult> {
    const { own, shared, load } = this;
    return await this.pool.run({ channel: this.channel.name, own, reference: load.reference, chunk, shared });
  }

  /** Asks the threads to end the chunks in hand after the writes in flight. */
  stop(): void {
    this.post({ kind: 'stop' });
  }

  /** Ends the threads, once the chunks in hand have ended and they have closed what they had open; those that do not answer, without that. */
  async end(inHand: Promise<unknown>): Promise<void> {
    try {
      await atMost(stopMs, inHand);
      const allClosed = new Promise<void>((resolve) => {
        this.closed = resolve;
      });
      if (this.living().length > 0) {
        this.post({ kind: 'close' });
        await atMost(closeMs, allClosed);
      }
    } finally {
      this.channel.close();
      await this.pool.destroy();
    }
  }

  private living(): number[] {
    return this.pool.threads.map(({ threadId }) => threadId).filter((id) => this.opened.has(id));
  }

  private heard(message: ThreadMessage): void {
    switch (message.kind) {
      case 'opened':
        this.opened.add(message.thread);
        return;
      case 'closed':
        this.opened.delete(message.thread);
        if (this.living().length === 0) this.closed();
        return;
      case 'event':
        this.load.told(message.event);
        return;
      case 'retry':
        this.load.told({ ...message, error: errorFrom(message.error), reconnect: false });
        return;
      case 'stop':
      case 'close':
        return;
    }
  }

  private post(message: ThreadMessage): void {
    this.channel.postMessage(message);
  }
}

/** Waits for something, but not for ever. */
async function atMost(milliseconds: number, waited: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([waited, sleep(milliseconds, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
