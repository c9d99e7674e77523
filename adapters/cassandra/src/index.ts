import { adapter } from './adapter.ts';

export { type TypeMapping, typeMappings } from './types.ts';
export { type LossName, losses } from './values/losses.ts';

/** The Cassandra adapter. */
export const cassandra: typeof adapter = adapter;
export default cassandra;
