import type { JsonValue } from '@polyshift/core';
import type { EtlEvent } from '../../events.ts';
import type { LoadReference } from '../engine.ts';
import type { OwnSpec } from '../fleet-loads.ts';
import type { WorkerError } from '../worker-error.ts';

/**
 * What gives a thread the spec and what it works with: functions and adapters cannot be handed to it. The module is imported in each thread, and its export
 * `ownSpec` is called with `data`.
 */
export interface OwnModule {
  /** The URL of the module. */
  readonly module: string;
  /** Whatever can be cloned into a thread. */
  readonly data: unknown;
}

/** What an {@link OwnModule} exports. */
export interface OwnModuleExports {
  readonly ownSpec: (data: unknown) => Promise<OwnSpec>;
}

/** A chunk as a thread is given it. */
export interface ThreadTask {
  /** The name of the channel that the run and its threads share. */
  readonly channel: string;
  readonly own: OwnModule;
  readonly reference: LoadReference;
  readonly chunk: number;
  /** By flow, what lets a thread read the view of the source that the run has; null where there is none. */
  readonly shared: readonly JsonValue[];
}

/** What became of a chunk in a thread. A thread that gives no result has died. */
export type ThreadResult = { readonly outcome: 'done' | 'over' } | { readonly error: WorkerError };

/** The events of a thread that the run passes on; all else it tells from the journal. */
export type ThreadEvent = Extract<EtlEvent, { kind: 'rejected' | 'throttled' | 'partition_started' | 'partition_finished' }>;

/** What goes over the channel. */
export type ThreadMessage =
  /** To the threads: end the chunks in hand after the writes in flight. */
  | { readonly kind: 'stop' }
  /** To the threads: close what is open. */
  | { readonly kind: 'close' }
  /** From a thread, with its first chunk, and when it has closed what was open. */
  | { readonly kind: 'opened' | 'closed'; readonly thread: number }
  | { readonly kind: 'event'; readonly event: ThreadEvent }
  | { readonly kind: 'retry'; readonly error: WorkerError; readonly attempt: number; readonly pause_ms: number };
