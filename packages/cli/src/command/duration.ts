import { PolyshiftError } from '@polyshift/core';

/** A day in milliseconds. */
export const dayMs = 86_400_000;

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: dayMs };

/** A unit of a duration. */
export type DurationUnit = keyof typeof unitMs;

/** The milliseconds of a number with one of these units: `30d`, `200ms`; undefined where a text is none. */
export function readDuration(text: string, units: readonly DurationUnit[]): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text.trim()) ?? [];
  const known = units.find((each) => each === unit);
  return known === undefined ? undefined : Number(number) * unitMs[known];
}

/** The milliseconds of a duration as it is written on the command line: `30d`, `12h`, `90m`, `45s`. Throws USAGE. */
export function durationOf(flag: string, text: string): number {
  const ms = readDuration(text, ['d', 'h', 'm', 's']);
  if (ms !== undefined) return ms;
  throw new PolyshiftError('USAGE', `${flag} takes a number with a unit, not "${text}"`, {
    hint: 'Write days, hours, minutes or seconds: 30d, 12h, 90m, 45s.',
  });
}
