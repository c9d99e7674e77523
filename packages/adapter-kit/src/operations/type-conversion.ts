import {
  ConversionError,
  castValue,
  compareDecimals,
  digitsOf,
  dynamicType,
  isNumeric,
  type JsonValue,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  portableTypeOf,
  Tagged,
  toDynamic,
  typeText,
} from '@polyshift/core';
import { compileExpression } from '../pipeline/expression.ts';
import type { FieldEdit } from '../row-store.ts';
import { valueAt } from '../values/field-path.ts';
import { setAt, unsetAt } from './field-path.ts';

/**
 * The edits that convert the field of a document; none where it is null, missing or of the type already. With `using` the value of that expression is
 * what is converted. They throw ConversionError, or CONVERSION_FAILED from within the expression; this itself throws INVALID_DOCUMENT, INVALID_EXPRESSION or
 * UNSUPPORTED_OPERATION.
 */
export function typeConversion(operation: Operation<'change_type'>): (document: PortableDocument) => readonly FieldEdit[] {
  const { field_name, using } = operation.data;
  const target = targetOf(operation);
  const compute = using === undefined ? undefined : compileExpression(expressionOf(using));
  return (document) => {
    const value = valueAt(document, field_name);
    if (value === undefined || value === null) return [];
    const given = compute ? compute(document) : value;
    if (given === undefined) return unsetAt(document, field_name);
    if (given === null) return [setAt(document, field_name, null)];
    const from = dynamicType(given)!;
    if (!compute && from.kind === target.kind && target.kind !== 'decimal') return [];
    const bare = given instanceof Tagged ? given.value : given;
    const converted = castValue(from, bare, target);
    refuseLoss(from, bare, target, converted);
    const edit = setAt(document, field_name, toDynamic(target, converted));
    return [edit.kind === 'set' && edit.field === field_name ? { ...edit, type: target } : edit];
  };
}

/** A number must be the same number afterwards: 2^60 + 1 is none of float64's. */
function refuseLoss(from: PortableType, value: PortableValue, target: PortableType, converted: PortableValue): void {
  if (!isNumeric(from.kind) || !isNumeric(target.kind)) return;
  if (compareDecimals(digitsOf(from, value), digitsOf(target, converted)) !== 0)
    throw new ConversionError(`${digitsOf(from, value)} is another number as ${typeText(target)}`);
}

/** The portable type to convert to. Throws UNSUPPORTED_OPERATION for a type of some store. */
export function targetOf(operation: Operation<'change_type'>): PortableType {
  const target = portableTypeOf(operation.data.to);
  if (target) return target;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', `${operation.data.to} is not a type to convert to here`, {
    place: { path: 'data.to' },
    hint: 'Name a portable type: int64, decimal, text, boolean, timestamptz, ...',
  });
}

function expressionOf(using: string): JsonValue {
  try {
    return JSON.parse(using) as JsonValue;
  } catch (cause) {
    throw new PolyshiftError('INVALID_EXPRESSION', `using is not JSON: ${(cause as Error).message}`, {
      place: { path: 'data.using' },
      hint: 'Here it is an aggregation expression as JSON text, like {"$toInt": "$age"}.',
      cause,
    });
  }
}
