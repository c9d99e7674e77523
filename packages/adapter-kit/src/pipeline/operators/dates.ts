import { dateText, timestampText } from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { microsOf } from '../instants.ts';
import { invalid, type Operator, ofNamed, ofPresent } from '../operator.ts';

/** What stands for each sign of a format, from the text of a timestamp in UTC. */
const parts: Readonly<Record<string, (micros: bigint) => string>> = {
  Y: (micros) => dateText(micros).replace(/-\d\d-\d\d$/, ''),
  m: (micros) => dateText(micros).slice(-5, -3),
  d: (micros) => dateText(micros).slice(-2),
  H: (micros) => timeOf(micros).slice(0, 2),
  M: (micros) => timeOf(micros).slice(3, 5),
  S: (micros) => timeOf(micros).slice(6, 8),
  L: (micros) => timeOf(micros).slice(9, 12).padEnd(3, '0'),
  z: () => '+0000',
  Z: () => '0',
  '%': () => '%',
};

/** The operators on dates, all in UTC. Null where the date is null or missing. */
export const dateOperators: Readonly<Record<string, Operator>> = {
  $dateToString: ofNamed(['date'], ['format', 'onNull'], ({ date, onNull }, raw, name) => {
    const format = raw['format'] ?? '%Y-%m-%dT%H:%M:%S.%LZ';
    if (typeof format !== 'string') throw invalid(`${name} needs a text as format`);
    const unknown = [...format.matchAll(/%(.?)/gsu)].find(([, sign = '']) => !Object.hasOwn(parts, sign));
    if (unknown) {
      const known = Object.keys(parts).map((sign) => `%${sign}`);
      throw invalid(`${name} has no ${unknown[0]}`, `A format has ${known.join(', ')}.`);
    }
    return (document) => {
      const value = date!(document);
      if (value === null || value === undefined) return onNull ? onNull(document) : null;
      const micros = microsOf(plainForm(value), name);
      return format.replace(/%(.)/gs, (_whole, part: string) => parts[part]!(micros));
    };
  }),
  $year: part('Y'),
  $month: part('m'),
  $dayOfMonth: part('d'),
  $hour: part('H'),
  $minute: part('M'),
  $second: part('S'),
  $millisecond: part('L'),
};

function part(sign: keyof typeof parts & string): Operator {
  return ofPresent({ least: 1, most: 1 }, ([value], name) => Number(parts[sign]!(microsOf(value, name))));
}

function timeOf(micros: bigint): string {
  return timestampText(micros, '').split('T')[1]!;
}
