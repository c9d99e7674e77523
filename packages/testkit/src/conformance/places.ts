import { createHash } from 'node:crypto';
import fc from 'fast-check';

/** Chance starts from here: PROPERTY_SEED replays a run, as with every property test. */
export const seed = fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31;

/** A number from 0 to below 1 that is always the same for the same seed and name. */
export function chance(name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** At most `most` numbers below `count`, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return [...new Set(Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1))))];
}

/** One number by chance from each of `parts` equal parts of 1 to `count`. */
export function scattered(count: number, parts: number, name: string): number[] {
  return Array.from({ length: parts }, (_, part) => 1 + Math.floor(((part + chance(`${name} ${part}`)) * count) / parts));
}
