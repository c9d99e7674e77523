import type { PortableValue } from '@polyshift/core';

/** A document with others inside of each other: `levels` counts it, and the text at the bottom. */
function nested(levels: number): PortableValue {
  return levels === 1 ? 'deep' : new Map([['in', nested(levels - 1)]]);
}

/** What the suite's values do not reach: magnitudes in JSON that no number of DynamoDB has, and documents at and beyond its 32 levels. */
export const values = [
  { type: { kind: 'json' }, values: ['1e200', '[1e-200]'] },
  { type: { kind: 'document' }, values: [nested(32), nested(33)] },
] as const;
