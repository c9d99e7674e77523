import { cannotConvert, type Lose, type TypedValue, type ValueEncoder } from './conversion.ts';
import { parseInterval, printInterval } from './interval-text.ts';
import { dateToServer, timestampToServer, timestamptzToServer, timeTzToServer } from './time-text.ts';

const datePattern = /^[+-]?\d{4,7}-\d\d-\d\d$/;
const timePattern = /^\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const stampPattern = /^([+-]?\d{4,7}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$/;
const infinite = /^-?infinity$/;

/** Dates; the time of day of a timestamp is named as lost unless it is midnight. */
export const dateEncoder: ValueEncoder = (source, lose) => {
  const { type, value } = source;
  if (typeof value === 'string') {
    const text = value.trim();
    if (infinite.test(text) || (datePattern.test(text) && (type.kind === 'date' || type.kind === 'text')))
      return dateToServer(text);
    const stamp = stampPattern.exec(text);
    if (stamp && (type.kind === 'timestamp' || type.kind === 'timestamptz')) {
      if (/[1-9]/.test(stamp[2]!)) lose('time_of_day', text, stamp[1]!);
      return dateToServer(stamp[1]!);
    }
  }
  throw cannotConvert(source, 'date');
};

/** Times of day, with or without a zone; fractions beyond the digits of the column are rounded and named. */
export function timeEncoder(withZone: boolean, digits: number): ValueEncoder {
  return (source, lose) => {
    const { type, value } = source;
    if (typeof value === 'string' && (type.kind === 'time' || type.kind === 'time_tz' || type.kind === 'text')) {
      const match = /^(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::\d\d){0,2})?$/.exec(value.trim());
      if (match && timePattern.test(match[1]!)) {
        const time = cutFraction(match[1]!, digits, lose);
        if (!withZone) {
          if (match[2] !== undefined) lose('zone', value, time);
          return time;
        }
        if (match[2] === undefined) lose('zone_taken_for_utc', value, `${time}+00:00`);
        return timeTzToServer(time + (match[2] === undefined || match[2] === 'Z' ? '+00:00' : match[2]));
      }
    }
    throw cannotConvert(source, withZone ? 'time with time zone' : 'time');
  };
}

/** Timestamps. An instant in a column without zone is written in UTC, a local time in a column of instants taken for UTC: both are named. */
export function timestampEncoder(withZone: boolean, digits: number): ValueEncoder {
  const print = withZone ? timestamptzToServer : timestampToServer;
  return (source, lose) => {
    const text = stampOf(source);
    if (text === undefined) throw cannotConvert(source, withZone ? 'timestamp with time zone' : 'timestamp');
    if (infinite.test(text)) return text;
    const [, date, time, zone] = stampPattern.exec(text)!;
    if (zone !== undefined && zone !== 'Z') {
      // An offset other than UTC can only come from a text; the server reckons it.
      if (!withZone) throw cannotConvert(source, 'timestamp', 'it has an offset');
      return `${dateToServer(date!)} ${time}${zone}`.replace(/( BC)(.*)$/, '$2$1');
    }
    const short = `${date}T${cutFraction(time!, digits, lose)}`;
    if (withZone && zone === undefined && source.type.kind !== 'date') lose('zone_taken_for_utc', text, `${short}Z`);
    if (!withZone && zone !== undefined) lose('zone', text, short);
    return print(withZone ? `${short}Z` : short);
  };
}

function stampOf({ type, value }: TypedValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  switch (type.kind) {
    case 'timestamp':
    case 'timestamptz':
      return infinite.test(text) || stampPattern.test(text) ? text : undefined;
    case 'date':
      return infinite.test(text) ? text : `${text}T00:00:00`;
    case 'text':
      if (datePattern.test(text)) return `${text}T00:00:00`;
      return stampPattern.test(text) ? text.replace(' ', 'T') : undefined;
    default:
      return undefined;
  }
}

/** Intervals; their parts are brought into the server's own form without turning one into another. */
export const intervalEncoder: ValueEncoder = (source) => {
  const { type, value } = source;
  if (typeof value === 'string' && (type.kind === 'interval' || type.kind === 'text')) {
    if (infinite.test(value)) return value;
    const parts = parseInterval(value);
    if (parts) return printInterval(parts);
  }
  throw cannotConvert(source, 'interval');
};

/** Cuts a fraction of a second to what the column keeps. Cut, not rounded: a round up could run over into the next day. */
function cutFraction(time: string, digits: number, lose: Lose): string {
  const whole = time.length === 5 ? `${time}:00` : time;
  const point = whole.indexOf('.');
  if (point < 0) return whole;
  const kept = whole.slice(0, point + 1 + digits).replace(/\.?0*$/, '');
  if (/[1-9]/.test(whole.slice(point + 1 + digits))) lose('fraction_of_a_second', whole, kept);
  return kept;
}
