import { pause } from '../journal/pause.ts';

/** How often a transaction is begun in all. Those that stand in each other's way are few, and one of them always comes through. */
const attempts = 12;

/** Milliseconds of the first pause at most; each further one twice as many, up to {@link longestPause}. */
const firstPause = 10;
const longestPause = 500;

/**
 * Does work that is one transaction, and begins it again where the store has ended it to resolve a deadlock: nothing of it was done then, so
 * nothing can be done twice. The pauses are random, so that the same two do not meet again.
 *
 * @param isDeadlock whether an error says that the whole transaction was taken back for another one's sake
 * @throws what the work throws: any other error at once, that of a deadlock after 12 attempts
 */
export async function beginAgain<Result>(isDeadlock: (error: unknown) => boolean, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isDeadlock(error)) throw error;
      await pause(Math.random() * Math.min(longestPause, firstPause * 2 ** (attempt - 1)));
    }
  }
}
