import { adapter } from './adapter.ts';

export { type LossName, losses, typeTargets } from './types.ts';

/** The Elasticsearch adapter. */
export const elasticsearch: typeof adapter = adapter;
export default elasticsearch;
