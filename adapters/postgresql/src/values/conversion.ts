import type { PortableType, PortableValue } from '@polyshift/core';
import { dynamicType, PolyshiftError, Tagged, typeText } from '@polyshift/core';

/** Called for a value that the target could not hold exactly: what is lost, and one value before and after. */
export type Lose = (loss: string, from: string, to: string) => void;

/** A value with the type it is to be taken for. */
export interface TypedValue {
  readonly type: PortableType;
  readonly value: PortableValue;
}

/** Writes one value, which is not null, as the text that the server reads for its target type. Throws CONVERSION_FAILED. */
export type ValueEncoder = (typed: TypedValue, lose: Lose) => string;

/** The type that a value of a column really has: a tagged or dynamic value says its own. */
export function typed(columnType: PortableType, value: PortableValue): TypedValue {
  if (value instanceof Tagged) return { type: value.type, value: value.value };
  if (columnType.kind !== 'dynamic') return { type: columnType, value };
  return { type: dynamicType(value) ?? columnType, value };
}

/** The error of a value that does not fit its target. */
export function cannotConvert({ type, value }: TypedValue, target: string, reason?: string): PolyshiftError {
  const shown = valueText(value);
  return new PolyshiftError(
    'CONVERSION_FAILED',
    `The ${typeText(type)} ${shown} does not convert to ${target}${reason === undefined ? '' : `: ${reason}`}.`,
  );
}

/** A value for messages, cut to a readable length. */
export function valueText(value: PortableValue): string {
  const text = valueToString(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueToString(value: PortableValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(valueToString).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, inner]) => `${key}: ${valueToString(inner)}`).join(', ')}}`;
  if (value instanceof Tagged) return valueToString(value.value);
  if (typeof value === 'object') return `${valueToString(value.lower)}..${valueToString(value.upper)}`;
  return Object.is(value, -0) ? '-0' : String(value);
}
