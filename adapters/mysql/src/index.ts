export { mysql, mysql as default } from './adapter.ts';
export { capabilities } from './capabilities.ts';
export { classify } from './errors.ts';
export { toNativeType } from './types.ts';
export { type LossName, losses } from './values/losses.ts';
