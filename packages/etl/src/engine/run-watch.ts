import { type LockStore, PolyshiftError } from '@polyshift/core';
import { type EtlRecords, lockName } from '../journal/records.ts';
import { stopped } from '../retry.ts';
import type { LoadReference } from './engine.ts';

/** Milliseconds between two looks at the lock of a run: what a stop takes, and the writes in flight. */
const watchMs = 1000;

/**
 * Whether the run that a worker has chunks of goes on: its lock in the target is held by the token that the chunks were given out under, and nobody has asked
 * them to stop. Nothing is lost where this comes late: the next run waits for the locks of the chunks, see `endChunks`.
 */
export class RunWatch implements AsyncDisposable {
  private readonly records: EtlRecords;
  private readonly locks: LockStore;
  private readonly reference: LoadReference;
  private readonly over = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  constructor(records: EtlRecords, locks: LockStore, reference: LoadReference) {
    this.records = records;
    this.locks = locks;
    this.reference = reference;
    // A store that does not answer is noticed by those who write to it.
    this.timer = setInterval(() => void this.look().catch(() => undefined), watchMs);
    this.timer.unref();
  }

  /** Aborted with the reason when the run does not go on. */
  get signal(): AbortSignal {
    return this.over.signal;
  }

  /** Looks now; looks that come while one is under way share it. */
  look(): Promise<void> {
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.looking?.catch(() => undefined);
  }

  private async lookNow(): Promise<void> {
    const { spec_name: spec, token } = this.reference;
    const [lock, stop] = await Promise.all([this.locks.read(lockName(spec)), this.records.hasStop(token)]);
    if (this.over.signal.aborted) return;
    if (stop) this.over.abort(stopped());
    else if (!lock || lock.expired || lock.token !== token) {
      this.over.abort(
        new PolyshiftError(
          'LEASE_LOST',
          `the run of "${spec}" that this chunk belongs to has ended, or another has taken its place`,
          {
            hint: 'Nothing is lost: `polyshift etl run` goes on where it stopped.',
          },
        ),
      );
    }
  }
}
