import { typeParts } from '../types.ts';
import { cannotConvert, type Lose, type TypedValue, type ValueEncoder } from './conversion.ts';

const datePattern = /^(\d{4})-(\d\d)-(\d\d)$/;
const stampPattern = /^([+-]?\d{4,7}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]00:?00)?$/;
const clockPattern = /^(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::\d\d){0,2})?$/;

/** Dates; the time of day of a timestamp is named as lost unless it is midnight. */
export const dateEncoder: ValueEncoder = (source, lose) => {
  const { type, value } = source;
  if (typeof value === 'string') {
    const text = value.trim();
    if (/^(date|text|native)$/.test(type.kind) && datePattern.test(text)) return text;
    const stamp = stampPattern.exec(text);
    if (stamp && /^timestamp/.test(type.kind) && datePattern.test(stamp[1]!)) {
      if (/[1-9]/.test(stamp[2]!)) lose('time_of_day', text, stamp[1]!);
      return stamp[1]!;
    }
  }
  throw cannotConvert(source, 'date', 'its years are 0000 to 9999');
};

/** Times of day, and intervals of hours up to 838; a zone is named as lost. */
export function timeEncoder(native: string): ValueEncoder {
  const digits = typeParts(native).numbers[0] ?? 0;
  return (source, lose) => {
    const { type, value } = source;
    if (typeof value !== 'string') throw cannotConvert(source, native);
    if (type.kind === 'interval') return withDigits(clockOfInterval(source, native), digits, lose);
    const match = /^(time|time_tz|text|native)$/.test(type.kind) ? clockPattern.exec(value.trim()) : null;
    if (!match) throw cannotConvert(source, native);
    if (match[2] !== undefined) lose('zone', value, match[1]!);
    return withDigits(match[1]!, digits, lose);
  };
}

/** `PT25H0.5S` as `25:00:00.5`; parts longer than hours have no fixed length. */
function clockOfInterval(source: TypedValue, native: string): string {
  const match = /^P(?:0D)?T(?=.)(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+)(?:\.(\d{1,6}))?S)?$/.exec(source.value as string);
  if (!match) throw cannotConvert(source, native);
  const negative = (source.value as string).includes('-');
  const [hours, minutes, seconds] = match.slice(1, 4).map((part) => Math.abs(Number(part ?? 0)));
  const total = hours! * 3600 + minutes! * 60 + seconds!;
  if (total > 838 * 3600 + 59 * 60 + 59) throw cannotConvert(source, native, 'it is out of range');
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return `${negative ? '-' : ''}${clock}${match[4] === undefined ? '' : `.${match[4]}`}`;
}

/** Timestamps. An instant in a column without zone is written in UTC, a local time in a column of instants taken for UTC: both are named. */
export function timestampEncoder(native: string): ValueEncoder {
  const { word, numbers } = typeParts(native);
  const instants = word === 'timestamp';
  const digits = numbers[0] ?? 0;
  return (source, lose) => {
    const text = stampOf(source);
    const match = text === undefined ? null : stampPattern.exec(text);
    if (!match) throw cannotConvert(source, native);
    const [, date, time, zone] = match;
    if (!datePattern.test(date!)) throw cannotConvert(source, native, 'its years are 0000 to 9999');
    const written = `${date} ${withDigits(time!, digits, lose)}`;
    if (instants && (written < '1970-01-01 00:00:01' || written >= '2038-01-19 03:14:08')) {
      throw cannotConvert(source, native, 'it holds 1970-01-01T00:00:01Z to 2038-01-19T03:14:07Z: use datetime(6) for others');
    }
    if (instants && zone === undefined && source.type.kind !== 'date') lose('zone_taken_for_utc', text!, `${text}Z`);
    if (!instants && zone !== undefined) lose('zone', text!, written);
    return written;
  };
}

function stampOf({ type, value }: TypedValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  switch (type.kind) {
    case 'timestamp':
    case 'timestamptz':
    case 'native':
      return text;
    case 'date':
      return `${text}T00:00:00`;
    case 'text':
      return datePattern.test(text) ? `${text}T00:00:00` : text;
    default:
      return undefined;
  }
}

/** The fraction of a second with as many digits as the column prints. Cut, not rounded: a round up could run over into the next day. */
function withDigits(time: string, digits: number, lose: Lose): string {
  const whole = /^-?\d+:\d\d$/.test(time) ? `${time}:00` : time;
  const [seconds = '', fraction = ''] = whole.split('.');
  if (/[1-9]/.test(fraction.slice(digits))) lose('fraction_of_a_second', whole, `${seconds}.${fraction.slice(0, digits)}`);
  return digits === 0 ? seconds : `${seconds}.${fraction.slice(0, digits).padEnd(digits, '0')}`;
}
