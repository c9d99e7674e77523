import type { RunContext } from '../adapter/run-context.ts';
import { type Check, checkThat } from './check.ts';

/**
 * The check that a change in batches has looked at every row there was: its handler saves `done: true` in its last checkpoint, and nowhere
 * else. Without it a row that was passed over looks like one that the application has written since.
 */
export function cameToEnd(run: Pick<RunContext, 'checkpoint'>): Check {
  const { done } = (run.checkpoint ?? {}) as { done?: unknown };
  return checkThat(done === true, 'came_to_end', {
    pass: 'the change came to its end',
    fail: 'the change has not come to its end: there may be rows that it has not looked at',
    action: 'Run again.',
  });
}
