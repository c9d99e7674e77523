import type { PortableType, PortableValue } from '@polyshift/core';
import { dynamicType, jsonOf, PolyshiftError, scalarText, shortened, Tagged, typeText } from '@polyshift/core';
import type { Raw } from '../connection.ts';
import type { LossName } from './losses.ts';

/** Called for a value that the target could not hold exactly: what is lost, and one value before and after. */
export type Lose = (loss: LossName, from: string, to: string) => void;

/** A value with the type it is to be taken for. */
export interface TypedValue {
  readonly type: PortableType;
  readonly value: PortableValue;
}

/** Converts one value, which is not null, to what the driver gives for it when it is read again. Throws CONVERSION_FAILED. */
export type ValueEncoder = (typed: TypedValue, lose: Lose) => NonNullable<Raw>;

/** The type that a value of a column really has: a tagged or dynamic value says its own. */
export function typed(columnType: PortableType, value: PortableValue): TypedValue {
  if (value instanceof Tagged) return { type: value.type, value: value.value };
  if (columnType.kind !== 'dynamic') return { type: columnType, value };
  return { type: dynamicType(value) ?? columnType, value };
}

/** The error of a value that does not fit its target. */
export function cannotConvert(source: TypedValue, target: string, reason?: string): PolyshiftError {
  return new PolyshiftError(
    'CONVERSION_FAILED',
    `The ${typeText(source.type)} ${valueText(source)} does not convert to ${target}${reason === undefined ? '' : `: ${reason}`}.`,
  );
}

/** A value for messages, cut to a readable length. */
export function valueText({ type, value }: TypedValue): string {
  if (value === null) return 'null';
  return shortened(scalarText(type, value) ?? JSON.stringify(jsonOf(type, value)));
}
