import { PolyshiftError } from '@polyshift/core';

/** A day in milliseconds. */
export const dayMs = 86_400_000;

const units: Readonly<Record<string, number>> = { d: dayMs, h: 3_600_000, m: 60_000, s: 1000 };

/** The milliseconds of a duration as it is written on the command line: `30d`, `12h`, `90m`, `45s`. Throws USAGE. */
export function durationOf(flag: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([dhms])$/.exec(text.trim()) ?? [];
  if (number !== undefined) return Number(number) * units[unit!]!;
  throw new PolyshiftError('USAGE', `${flag} takes a number with a unit, not "${text}"`, {
    hint: 'Write days, hours, minutes or seconds: 30d, 12h, 90m, 45s.',
  });
}
