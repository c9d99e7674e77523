/** The calendar is the same every 400 years. */
const cycleYears = 400;
const cycleMilliseconds = 146_097 * 86_400_000;

/**
 * The milliseconds since 1970 of the common forms of a portable date, timestamp or timestamptz: years of four digits, at most milliseconds, a day that
 * every month has or that this one surely has. Undefined for all others, which a slower reader takes: `infinity`, wide years, microseconds.
 * Days are counted in the proleptic Gregorian calendar, as ISO 8601 has it.
 */
export function exactMilliseconds(text: string): number | undefined {
  const { length } = text;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  // A number with a character that is no digit is NaN, which no comparison passes.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month))) return undefined;
  const milliseconds = startOfDay(year, month, day);
  if (length === 10) return milliseconds;
  if (text.charCodeAt(10) !== 84 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined;
  const clock = clockOf(text);
  const end = text.charCodeAt(length - 1) === 90 ? length - 1 : length;
  const fraction = end === 19 ? 0 : fractionOf(text, end);
  return clock === undefined || fraction === undefined ? undefined : milliseconds + clock + fraction;
}

function clockOf(text: string): number | undefined {
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  return hour <= 23 && minute <= 59 && second <= 59 ? ((hour * 60 + minute) * 60 + second) * 1000 : undefined;
}

function fractionOf(text: string, end: number): number | undefined {
  if (text.charCodeAt(19) !== 46 || end < 21 || end > 23) return undefined;
  const value = digits(text, 20, end);
  return Number.isNaN(value) ? undefined : value * (end === 21 ? 100 : end === 22 ? 10 : 1);
}

function lastDay(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The function of the engine takes years below 100 for others: the day is looked for one cycle later. */
function startOfDay(year: number, month: number, day: number): number {
  return Date.UTC(year + cycleYears, month - 1, day) - cycleMilliseconds;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
