import type { PortableType, PortableValue } from '@polyshift/core';
import { Tagged } from '@polyshift/core';
import type { Raw } from '../connection.ts';

/** Turns a value of the driver, which is not null, into the portable value of its column's type. */
export type Decoder = (raw: NonNullable<Raw>) => PortableValue;

/** Compiles the decoder of a column's type, once for each column. */
export function decoderOf(type: PortableType): Decoder {
  switch (type.kind) {
    case 'boolean':
      return (raw) => (raw === 0 ? false : raw === 1 ? true : new Tagged({ kind: 'int16' }, Number(raw)));
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return Number;
    case 'int64':
      return (raw) => BigInt(raw as string | number);
    case 'bytes':
      return (raw) => raw as Buffer;
    case 'date':
      return (raw) => (isDate(String(raw)) ? String(raw) : new Tagged({ kind: 'native', name: 'date' }, String(raw)));
    case 'time':
      return decodeTime;
    case 'timestamp':
    case 'timestamptz':
      return decodeStamp(type.kind === 'timestamptz' ? 'Z' : '');
    default:
      return String;
  }
}

/** Whether a date is one of the calendar: MySQL also keeps `0000-00-00` and the 31st of February. */
function isDate(text: string): boolean {
  const [year, month, day] = text.split('-').map(Number);
  if (month === 0 || day === 0) return false;
  const last = [
    31,
    year! % 4 === 0 && (year! % 100 !== 0 || year! % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  return day! <= last[month! - 1]!;
}

function decodeStamp(zone: 'Z' | ''): Decoder {
  return (raw) => {
    const [date = '', time = ''] = String(raw).split(' ');
    if (!isDate(date)) return new Tagged({ kind: 'native', name: zone === '' ? 'datetime' : 'timestamp' }, String(raw));
    return `${date}T${withoutZeros(time)}${zone}`;
  };
}

/** Times of day; a time below zero or beyond a day is a length, and says so of itself. */
const decodeTime: Decoder = (raw) => {
  const text = withoutZeros(String(raw));
  const [, sign, hours, minutes, seconds] = /^(-?)(\d+):(\d\d):(.*)$/.exec(text)!;
  if (sign === '' && (Number(hours) < 24 || text === '24:00:00')) return text;
  const part = (digits: string, unit: string): string => {
    const plain = digits.replace(/^0+(?=\d)/, '');
    return plain === '0' ? '' : `${sign}${plain}${unit}`;
  };
  return new Tagged({ kind: 'interval' }, `PT${part(hours!, 'H')}${part(minutes!, 'M')}${part(seconds!, 'S')}`);
};

function withoutZeros(time: string): string {
  return time.includes('.') ? time.replace(/\.?0+$/, '') : time;
}
