import { ConversionError, shortened } from './conversion-error.ts';

const pattern =
  /^([+-]\d{6}|\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(?:(Z|z|UTC)|([+-])(\d\d):?(\d\d)?)?$/;

/** A point in time, or a date and time of no zone taken as UTC. */
export interface ParsedTimestamp {
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly micros: bigint;
  /** Whether the text named a zone. */
  readonly zoned: boolean;
}

/** Parses ISO 8601 (also with a space for the T, without seconds, or a date alone). Throws ConversionError; `infinity` is not a point in time. */
export function parseTimestamp(text: string): ParsedTimestamp {
  const match = pattern.exec(text.trim());
  if (!match) throw new ConversionError(`"${shortened(text)}" is not a date and time in ISO 8601`);
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', utc, sign, offsetHour, offsetMinute] =
    match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const valid =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    (Number(hour) < 24 || (Number(hour) === 24 && Number(minute) === 0 && Number(second) === 0)) &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(offsetHour ?? 0) <= 15 &&
    Number(offsetMinute ?? 0) < 60;
  if (!valid) throw new ConversionError(`"${shortened(text)}" is not a date and time that exists`);
  if (/[1-9]/.test(fraction.slice(6))) throw new ConversionError(`"${shortened(text)}" has more than six digits of a second`);
  const seconds = BigInt(date.getTime() / 1000) + BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  const offset = BigInt(Number(offsetHour ?? 0) * 3600 + Number(offsetMinute ?? 0) * 60) * (sign === '-' ? -1n : 1n);
  return {
    micros: (seconds - offset) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')),
    zoned: utc !== undefined || sign !== undefined,
  };
}

/** The portable form of a timestamp: without trailing zeros of the fraction; `zone` is `Z` for an instant. */
export function timestampText(micros: bigint, zone: 'Z' | ''): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((micros - fraction) / 1000n));
  if (Number.isNaN(date.getTime())) throw new ConversionError('a date and time beyond the years that can be computed with');
  const digits = fraction === 0n ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
  return `${date.toISOString().slice(0, -5)}${digits}${zone}`;
}

/** The portable form of the date in which a timestamp lies, in UTC. */
export function dateText(micros: bigint): string {
  return timestampText(micros, '').split('T')[0]!;
}

/** The portable form of the time of day, in UTC. */
export function timeText(micros: bigint): string {
  return timestampText(micros, '').split('T')[1]!;
}

/** Whether the portable text of a date or timestamp is one of the infinities. */
export function isInfinite(text: string): boolean {
  return text === 'infinity' || text === '-infinity';
}
