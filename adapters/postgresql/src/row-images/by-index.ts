import type { Queryable } from '../connection.ts';

/**
 * Runs statements of one batch so that the server looks up the batch's keys by index. A table of images grows with each batch and has no
 * statistics yet: left alone, the planner would read all of it for each batch, and the time would grow with the square of the rows.
 */
export async function byIndex<Result>(connection: Queryable, work: () => Promise<Result>): Promise<Result> {
  await connection.rows(setting, ['off']);
  const result = await work();
  await connection.rows(setting, ['on']);
  return result;
}

const setting = `SELECT set_config('enable_hashjoin', $1, true), set_config('enable_mergejoin', $1, true)`;
