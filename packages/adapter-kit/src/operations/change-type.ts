import {
  ConversionError,
  castValue,
  compareDecimals,
  digitsOf,
  dynamicType,
  fail,
  isNumeric,
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
import { compilePipeline } from '../pipeline/compile-pipeline.ts';
import type { FieldEdit } from '../row-store.ts';
import { valueAt } from '../values/field-path.ts';
import { failingEdits } from './failing-edits.ts';
import { setAt } from './field-path.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';

/** change_type over rows without declared columns: each value by itself; one that does not convert exactly stops it before anything is changed. */
export function changeType<Raw>(operations: RowOperations<Raw>): RowHandler<'change_type'> {
  const methods = imageMethods<Raw, 'change_type'>(operations, conversion);
  return {
    ...methods,

    async plan(operation, context) {
      const { field_name } = operation.data;
      targetOf(operation);
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'set', fields: [field_name] },
          {
            risk: 'data_changed',
            undo: `brings back each old value of ${field_name} with its type`,
          },
        ),
      ];
    },

    async check(operation) {
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const { fails, example } = failingEdits(conversion(operation));
      const [refused] = await survey(operations, operation.collection, [fails]);
      const { field_name } = operation.data;
      return [
        there,
        await isNoKey(operations, operation.collection, [field_name]),
        noneFound('convertible', refused!, {
          pass: `every value of ${field_name} converts exactly`,
          fail: `${operations.noun}s have a ${field_name} that does not convert exactly to ${typeText(targetOf(operation))}${example()}`,
          action: 'Correct them first by migrate_data, or say how to convert by `using`.',
        }),
      ];
    },

    async verify(operation, undo, run) {
      const checks = await methods.verify(operation, undo, run);
      if (operation.data.using) return checks;
      const edits = conversion(operation);
      const [left] = await survey(operations, operation.collection, [
        (document) => {
          const value = valueAt(document, operation.data.field_name);
          if (value === undefined || value === null) return false;
          try {
            return edits(document).some((edit) => edit.kind === 'set' && !sameKind(edit.value, value, operation));
          } catch {
            return true;
          }
        },
      ]);
      if (left!.count === 0) return checks;
      return [
        ...checks,
        fail(
          'type_changed',
          `${left!.count} ${operations.noun}s have a ${operation.data.field_name} of another type`,
          'The application writes the old form: deploy the new one first, then run again.',
          { count: left!.count },
        ),
      ];
    },
  };
}

/** A store with few types of its own gives a value back in the type that it holds: then equal text is the proof. */
function sameKind(wanted: PortableValue, found: PortableValue, operation: Operation<'change_type'>): boolean {
  const target = targetOf(operation);
  const text = (value: PortableValue): string => String(castValue({ kind: 'dynamic' }, value, { kind: 'text' }));
  if (isNumeric(target.kind)) return isNumeric(dynamicType(found)!.kind) && text(wanted) === text(found);
  return target.kind === 'document' || target.kind === 'array' || text(wanted) === text(found);
}

function conversion(operation: Operation<'change_type'>): (document: PortableDocument) => readonly FieldEdit[] {
  const { field_name, using } = operation.data;
  const target = targetOf(operation);
  const compute = using === undefined ? undefined : compilePipeline([{ $set: { [field_name]: expressionOf(using) } }]);
  return (document) => {
    const value = valueAt(document, field_name);
    if (value === undefined || value === null) return [];
    if (compute) return compute(document);
    const from = dynamicType(value)!;
    if (from.kind === target.kind && target.kind !== 'decimal') return [];
    const bare = value instanceof Tagged ? value.value : value;
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

function targetOf(operation: Operation<'change_type'>): PortableType {
  const target = portableTypeOf(operation.data.to);
  if (target) return target;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', `${operation.data.to} is not a type to convert to here`, {
    place: { path: 'data.to' },
    hint: 'Name a portable type: int64, decimal, text, boolean, timestamptz, ...',
  });
}

function expressionOf(using: string): never {
  try {
    return JSON.parse(using) as never;
  } catch (cause) {
    throw new PolyshiftError('INVALID_EXPRESSION', `using is not JSON: ${(cause as Error).message}`, {
      place: { path: 'data.using' },
      hint: 'Here it is an aggregation expression as JSON text, like {"$toInt": "$age"}.',
      cause,
    });
  }
}
