import { adapter } from './adapter.ts';

export { type LossName, losses } from './types.ts';

/** The DynamoDB adapter. */
export const dynamodb: typeof adapter = adapter;
export default dynamodb;
