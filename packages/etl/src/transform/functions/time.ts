import {
  ConversionError,
  dateText,
  decimalArithmetic,
  digitsOf,
  isInfinite,
  isNumeric,
  type PortableValue,
  parseTimestamp,
  roundDecimal,
  timestampText,
} from '@polyshift/core';
import { type BuiltInFunction, literal, textType } from './function.ts';

const parts = ['year', 'quarter', 'month', 'week', 'day', 'weekday', 'day_of_year', 'hour', 'minute', 'second'] as const;

function partOf(micros: bigint, part: (typeof parts)[number]): number {
  const date = new Date(Number(micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)));
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case 'month':
      return date.getUTCMonth() + 1;
    case 'week':
      return isoWeek(midnight);
    case 'day':
      return date.getUTCDate();
    case 'weekday':
      return date.getUTCDay() || 7;
    case 'day_of_year':
      return Math.round((midnight - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
  }
}

/** Week 1 is the one with the first Thursday of the year. */
function isoWeek(midnight: number): number {
  const thursday = new Date(midnight + (4 - (new Date(midnight).getUTCDay() || 7)) * 86_400_000);
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000)) + 1;
}

function formatted(micros: bigint, pattern: string): string {
  const text = timestampText(micros, '');
  const [date = '', time = ''] = text.split('T');
  const [, year = '', month = '', day = ''] = /^([+-]?\d+)-(\d\d)-(\d\d)$/.exec(date) ?? [];
  const [seconds = '', fraction = ''] = time.split('.');
  const [hour = '', minute = '', second = ''] = seconds.split(':');
  const values: Record<string, string> = {
    YYYY: year,
    MM: month,
    DD: day,
    hh: hour,
    mm: minute,
    ss: second,
    ffffff: fraction.padEnd(6, '0'),
  };
  return pattern.replace(/YYYY|MM|DD|hh|mm|ss|ffffff/g, (token) => values[token]!);
}

/** Functions on dates and times. All of them count in UTC. */
export const timeFunctions = {
  date: {
    summary: `The date of a timestamp; with a part (${parts.join(', ')}) that part as a number; with a format (YYYY MM DD hh mm ss ffffff) a text. In UTC.`,
    parameters: [
      { name: 'time', accepts: 'time', summary: 'a date or timestamp' },
      { name: 'part', accepts: 'text', summary: 'a part or a format; the date where missing', literal: true, optional: true },
    ],
    result: 'date, int32 for a part, text for a format',
    nulls: 'null',
    example: { args: [{ $timestamptz: '2024-02-29T12:30:00Z' }, 'day_of_year'], result: 60 },
    bind: (args) => {
      const part = literal(args, 1);
      const finite = (value: PortableValue | undefined): bigint => {
        if (isInfinite(value as string)) throw new ConversionError(`${value as string} has no parts`);
        return parseTimestamp(value as string).micros;
      };
      if (part === undefined || part === null) {
        return {
          type: { kind: 'date' },
          call: ([time]) => (isInfinite(time as string) ? (time as string) : dateText(finite(time))),
        };
      }
      const named = parts.find((each) => each === part);
      if (named) return { type: { kind: 'int32' }, call: ([time]) => partOf(finite(time), named) };
      if (!/YYYY|MM|DD|hh|mm|ss|ffffff/.test(part as string)) {
        throw new ConversionError(
          `"${part as string}" is neither a part (${parts.join(', ')}) nor a format (YYYY MM DD hh mm ss ffffff)`,
        );
      }
      return { type: textType, call: ([time]) => formatted(finite(time), part as string) };
    },
  },
  to_timestamp: {
    summary:
      'An instant from a text in ISO 8601 (UTC where it names no zone), or from a number of seconds (or milliseconds) since 1970.',
    parameters: [
      { name: 'value', accepts: 'text or number', summary: 'the text or number' },
      {
        name: 'unit',
        accepts: 'text',
        summary: 'of a number: seconds or milliseconds; seconds where missing',
        literal: true,
        optional: true,
      },
    ],
    result: 'timestamptz',
    type: { kind: 'timestamptz' },
    nulls: 'null',
    example: { args: [1700000000], result: '2023-11-14T22:13:20Z' },
    bind: (args) => {
      const unit = literal(args, 1) ?? 'seconds';
      if (unit !== 'seconds' && unit !== 'milliseconds')
        throw new ConversionError(`the unit is seconds or milliseconds, not "${String(unit)}"`);
      const { type } = args[0]!;
      return {
        type: { kind: 'timestamptz' },
        call: ([value]) => {
          if (!isNumeric(type.kind)) return timestampText(parseTimestamp(value as string).micros, 'Z');
          const micros = decimalArithmetic('*', digitsOf(type, value as PortableValue), unit === 'seconds' ? '1000000' : '1000');
          return timestampText(BigInt(roundDecimal(micros, 0)), 'Z');
        },
      };
    },
  },
} as const satisfies Record<string, BuiltInFunction>;
