import { adapter } from './adapter.ts';

export { type LossName, losses } from './types.ts';

/** The MongoDB adapter. */
export const mongodb: typeof adapter = adapter;
export default mongodb;
