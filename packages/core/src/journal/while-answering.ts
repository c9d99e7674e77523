import { PolyshiftError } from '../errors/polyshift-error.ts';

/** What is watched. */
export interface Watch {
  /** Asks the store something small. That it fails is an answer too: then the work fails by itself. */
  readonly ask: () => Promise<unknown>;
  /** Milliseconds without an answer until the store counts as lost: as long as a lease lasts without a heartbeat. */
  readonly limit_ms: number;
  /** Passed on to the work. */
  readonly signal?: AbortSignal | undefined;
}

/** A question is asked, and looked for its answer, so many times within the limit. */
const parts = 3;

/**
 * Does work as long as the store answers. A connection that is half open (a cable that was pulled, a firewall that forgot it) gives neither an
 * answer nor an error, and a statement may rightly take hours: so another question is asked beside it, again and again. When none was
 * answered for as long as the limit, this throws CONNECTION_LOST, and the signal of the work is aborted, so that it writes nothing more
 * should its connection come back to life.
 */
export async function whileAnswering<Result>(watch: Watch, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const silence = new AbortController();
  const signal = watch.signal ? AbortSignal.any([watch.signal, silence.signal]) : silence.signal;
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_resolve, reject) => {
    let asking = false;
    // Counted and not timed: a process that was paused finds an answer that has come meanwhile.
    let unanswered = 0;
    const ask = async (): Promise<void> => {
      asking = true;
      unanswered = 0;
      try {
        await watch.ask();
      } catch {
        // An error is an answer.
      }
      asking = false;
    };
    timer = setInterval(() => {
      if (!asking) return void ask();
      if (++unanswered < parts) return;
      clearInterval(timer);
      const error = silentError(watch.limit_ms);
      silence.abort(error);
      reject(error);
    }, watch.limit_ms / parts);
    timer.unref();
  });
  const working = work(signal);
  // Whatever becomes of work that nobody waits for any more.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, silent]);
  } finally {
    clearInterval(timer);
  }
}

function silentError(limitMs: number): PolyshiftError {
  const seconds = Math.round(limitMs / 100) / 10;
  return new PolyshiftError('CONNECTION_LOST', `the store has not answered for ${seconds} s, although its connection is open`, {
    hint: 'Look at the network between here and the store, and at the room on its disk, then run the same command again: it resumes where it stopped.',
    retryable: true,
  });
}
