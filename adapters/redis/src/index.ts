import { adapter } from './adapter.ts';

export { typeTargets } from './types.ts';

/** The Redis adapter. */
export const redis: typeof adapter = adapter;
export default redis;
