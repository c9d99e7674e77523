import {
  dynamicType,
  isInfinite,
  isTime,
  type PortableValue,
  parseTimestamp,
  roundDecimal,
  Tagged,
  timestampText,
} from '@polyshift/core';
import { compute } from './exact-arithmetic.ts';
import { type Result, unfit } from './operator.ts';

/** Microseconds since 1970 of a date or timestamp (of no zone: UTC). Throws CONVERSION_FAILED for other values and the infinities. */
export function microsOf(value: Result, name: string): bigint {
  const type = value === undefined ? undefined : dynamicType(value);
  const text = value instanceof Tagged ? String(value.value) : '';
  if (type === undefined || !isTime(type.kind) || isInfinite(text)) throw unfit(name, 'a date', value);
  return parseTimestamp(text).micros;
}

/** A date some milliseconds later, or earlier by a sign of -1; parts below a microsecond are rounded. A date without a time becomes a timestamp. */
export function addMilliseconds(
  instant: PortableValue,
  milliseconds: PortableValue,
  sign: 1n | -1n,
  name: string,
): PortableValue {
  const micros = compute('*', milliseconds, new Tagged({ kind: 'decimal' }, '1000'), name) as Tagged;
  const sum = microsOf(instant, name) + sign * BigInt(roundDecimal(String(micros.value), 0));
  const kind = dynamicType(instant)!.kind === 'timestamptz' ? 'timestamptz' : 'timestamp';
  return new Tagged({ kind }, timestampText(sum, kind === 'timestamptz' ? 'Z' : ''));
}

/** The milliseconds from one date to another, as an int64; parts of a millisecond are cut off. */
export function millisecondsBetween(later: PortableValue, earlier: PortableValue): bigint {
  return (microsOf(later, '$subtract') - microsOf(earlier, '$subtract')) / 1000n;
}
