import type { Queryable } from './connection.ts';
import { literal } from './identifiers.ts';

/** Ways to join tables that the planner can be kept from. */
type Plan = 'hashjoin' | 'mergejoin';

/**
 * Runs statements of a transaction without some ways to join, for what is known of tables of which the planner knows nothing yet. Behind them it has all
 * of them again; where they fail the transaction ends, and the setting with it.
 */
export async function withoutPlans<Result>(
  connection: Queryable,
  plans: readonly Plan[],
  work: () => Promise<Result>,
): Promise<Result> {
  const set = (value: 'on' | 'off') => {
    const settings = plans.map((plan) => `set_config(${literal(`enable_${plan}`)}, ${literal(value)}, true)`);
    return connection.rows(`SELECT ${settings.join(', ')}`);
  };
  await set('off');
  const result = await work();
  await set('on');
  return result;
}
