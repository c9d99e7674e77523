import { createHash } from 'node:crypto';

/** Gives an integer from 0 to below a limit: the same sequence for the same seed. */
export type Draw = (limit: number) => number;

/** Makes a source of drawn numbers. */
export function drawFrom(seed: string): Draw {
  let drawn = 0;
  return (limit) => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE(0) % limit;
}
