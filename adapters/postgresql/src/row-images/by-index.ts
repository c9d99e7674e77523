import type { Queryable } from '../connection.ts';
import { withoutPlans } from '../without-plans.ts';

/**
 * Runs statements of one batch so that the server looks up the batch's keys by index. A table of images grows with each batch and has no
 * statistics yet: left alone, the planner would read all of it for each batch, and the time would grow with the square of the rows.
 */
export function byIndex<Result>(connection: Queryable, work: () => Promise<Result>): Promise<Result> {
  return withoutPlans(connection, ['hashjoin', 'mergejoin'], work);
}
