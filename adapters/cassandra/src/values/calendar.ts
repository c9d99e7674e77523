import { ConversionError } from '@polyshift/core';

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar, for any year. */
export function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The portable text of a date: `YYYY-MM-DD`, years beyond 0 to 9999 with a sign and at least six digits. */
export function dateOfDays(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const digits = String(Math.abs(year));
  const yearText = year >= 0 && year <= 9999 ? digits.padStart(4, '0') : `${year < 0 ? '-' : '+'}${digits.padStart(6, '0')}`;
  return `${yearText}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Days from 1970-01-01 to a date in its portable text. Throws ConversionError for the infinities and for what is no date. */
export function daysOfDate(text: string): number {
  const match = /^([+-]\d{6,9}|\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) throw new ConversionError(`"${text}" is not a date that Cassandra can hold`);
  const days = daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (dateOfDays(days) !== text) throw new ConversionError(`"${text}" is not a date that exists`);
  return days;
}

/** Nanoseconds of a day in the text of a time, `HH:MM:SS` with up to nine digits behind the point. */
export function nanosOfTime(text: string): bigint {
  const match = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/.exec(text);
  const [, hour, minute, second = '0', fraction = ''] = match ?? [];
  if (!match || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new ConversionError(`"${text}" is not a time of day that Cassandra can hold`);
  const seconds = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** The portable text of a time of day; of nanoseconds, digits beyond the sixth stand only where they are not zero. */
export function timeOfNanos(nanos: bigint): string {
  const seconds = Number(nanos / 1_000_000_000n);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${fraction && `.${fraction}`}`;
}
