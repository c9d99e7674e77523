import { createHash, randomInt } from 'node:crypto';

/** Chance of the whole run starts from here: CRASH_SEED replays it; CI always takes the same. */
export const crashSeed = Number(process.env['CRASH_SEED'] ?? (process.env['CI'] ? 5 : randomInt(1, 2 ** 31)));

/** A number from 0 to below 1 that is always the same for the same seed and name. */
export function chance(name: string): number {
  return createHash('sha256').update(`${crashSeed} ${name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** At most `most` of the numbers from 1 to `count`, spread evenly; which ones, by chance. */
export function spread(count: number, most: number, name: string): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index + 1);
  return Array.from({ length: most }, (_, part) => 1 + Math.floor(((part + chance(`${name} ${part}`)) * count) / most));
}
