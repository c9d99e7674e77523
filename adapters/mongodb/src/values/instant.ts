/**
 * Instants between milliseconds since 1970 and ISO 8601 text, for every year that 64 bits of milliseconds hold, in the proleptic
 * Gregorian calendar. Years outside of 0 to 9999 have a sign and at least six digits.
 */

const dayMilliseconds = 86_400_000n;

/** `2024-02-29T12:00:00.5Z` from milliseconds; a fraction only where there is one, without trailing zeros. */
export function instantText(milliseconds: bigint): string {
  const days = floorDiv(milliseconds, dayMilliseconds);
  let rest = Number(milliseconds - days * dayMilliseconds);
  const fraction = rest % 1000;
  rest = (rest - fraction) / 1000;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(3, '0').replace(/0+$/, '')}`;
  return `${dayText(days)}T${clock}${tail}Z`;
}

/** What a text says: milliseconds rounded down, and the microseconds beyond them. */
export interface ParsedInstant {
  readonly milliseconds: bigint;
  /** 0 to 999. */
  readonly microseconds: number;
}

const form = /^([+-]?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?Z?$/;

/** Reads a portable date, timestamp or timestamptz (a missing zone counts as UTC); undefined for `infinity` and what has no such form. */
export function parseInstant(text: string): ParsedInstant | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  const micros = Number(fraction.padEnd(6, '0'));
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const milliseconds =
    dayNumber(BigInt(year!), Number(month), Number(day)) * dayMilliseconds + BigInt(seconds * 1000 + Math.floor(micros / 1000));
  return { milliseconds, microseconds: micros % 1000 };
}

/** Days since 1970-01-01 of a civil date; eras of 400 years, which have 146,097 days each. */
function dayNumber(year: bigint, month: number, day: number): bigint {
  const shifted = month <= 2 ? year - 1n : year;
  const era = floorDiv(shifted, 400n);
  const yearOfEra = Number(shifted - era * 400n);
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097n + BigInt(dayOfEra) - 719_468n;
}

function dayText(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDiv(shifted, 146_097n);
  const dayOfEra = Number(shifted - era * 146_097n);
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = BigInt(yearOfEra) + era * 400n + (month <= 2 ? 1n : 0n);
  return `${yearText(year)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function yearText(year: bigint): string {
  if (year >= 0n && year <= 9999n) return String(year).padStart(4, '0');
  return `${year < 0n ? '-' : '+'}${String(year < 0n ? -year : year).padStart(6, '0')}`;
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
