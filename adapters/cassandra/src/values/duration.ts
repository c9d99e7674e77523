import { ConversionError, shortened } from '@polyshift/core';
import { types } from 'cassandra-driver';

const form =
  /^(-?)P(?=.)(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?=.)(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,9}))?S)?)?$/;

const second = 1_000_000_000n;

/** The bytes of a duration from its portable text. Throws ConversionError where its parts have different signs, which Cassandra cannot hold. */
export function durationBytes(text: string): Buffer {
  const match = form.exec(text);
  if (!match) throw new ConversionError(`"${shortened(text)}" is not a duration in ISO 8601`);
  const [, sign, years, months, weeks, days, hours, minutes, secondsSign, seconds, fraction] = match;
  const whole = (digits: string | undefined) => BigInt(digits ?? 0);
  const factor = sign === '-' ? -1n : 1n;
  const fractional = BigInt((fraction ?? '').padEnd(9, '0')) + whole(seconds) * second;
  const parts = [
    factor * (whole(years) * 12n + whole(months)),
    factor * (whole(weeks) * 7n + whole(days)),
    factor * (whole(hours) * 3600n * second + whole(minutes) * 60n * second + (secondsSign === '-' ? -fractional : fractional)),
  ] as const;
  if (parts.some((part) => part < 0n) && parts.some((part) => part > 0n))
    throw new ConversionError(`a duration of Cassandra has parts of one sign, and "${shortened(text)}" has both`);
  const [monthCount, dayCount, nanos] = parts;
  if (
    [monthCount, dayCount].some((part) => part < -(2n ** 31n) || part >= 2n ** 31n) ||
    nanos < -(2n ** 63n) ||
    nanos >= 2n ** 63n
  )
    throw new ConversionError(`"${shortened(text)}" is beyond the range of durations`);
  return new types.Duration(Number(monthCount), Number(dayCount), types.Long.fromString(nanos.toString())).toBuffer();
}

/** The portable text of a duration: months as years and months, days, and the rest as hours, minutes and seconds. */
export function durationText(bytes: Buffer): string {
  const read = types.Duration.fromBuffer(bytes) as unknown as { months: number; days: number; nanoseconds: types.Long };
  const nanos = BigInt(read.nanoseconds.toString());
  const date = [
    [Math.trunc(read.months / 12), 'Y'],
    [read.months % 12, 'M'],
    [read.days, 'D'],
  ] as const;
  const time = [
    [nanos / (3600n * second), 'H'],
    [(nanos / (60n * second)) % 60n, 'M'],
  ] as const;
  const rest = nanos % (60n * second);
  const fraction = (rest < 0n ? -rest : rest) % second;
  const wholeSeconds = (rest < 0n ? -rest : rest) / second;
  const secondsText =
    rest === 0n
      ? ''
      : `${rest < 0n ? '-' : ''}${wholeSeconds}${fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`}S`;
  const written = (parts: readonly (readonly [number | bigint, string])[]) =>
    parts
      .filter(([count]) => Number(count) !== 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join('');
  const timeText = `${written(time)}${secondsText}`;
  const text = `P${written(date)}${timeText && `T${timeText}`}`;
  return text === 'P' ? 'PT0S' : text;
}
