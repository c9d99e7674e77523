import type { Operation } from '@polyshift/core';
import type { Document } from 'mongodb';
import { conversion, convertible, expression, numbers, targetOf, toConvert } from '../operations/change-type.ts';
import { fieldPath } from '../preconditions.ts';
import { type MappingStep, stages, where } from './branches.ts';

const marker = 'polyshift_not_converted';

/** What the server puts in the place of a value that cannot be mapped: the reason travels with the document. */
export function notMapped(reason: string): Document {
  return { $literal: { [marker]: reason } };
}

/** Why a mapped document cannot be used; undefined where it can. */
export function notConverted(mapped: Buffer): Error | undefined {
  const at = mapped.indexOf(`${marker}\0`);
  if (at < 0) return undefined;
  const text = at + marker.length + 1;
  return new Error(mapped.toString('utf8', text + 4, text + 3 + mapped.readInt32LE(text)));
}

/**
 * A change_type as a step of a mapping. A value that does not convert makes its document one that cannot be mapped.
 *
 * @param lossless whether a number must be the same number afterwards: back to a type that holds less, nearest is enough, since the new version keeps
 * its own value
 */
export function convertStep(operation: Operation<'change_type'>, lossless: boolean): MappingStep {
  const path = fieldPath(operation.data.field_name);
  const field = path.join('.');
  const input = `$${field}`;
  const set = (value: unknown): Document[] => [{ $set: { [field]: value } }];
  const { using } = operation.data;
  const converted = using === undefined ? exactConversion(operation, lossless) : expression(operation);
  if (path.length > 1) return where(toConvert(operation) as Document, set(converted));
  const untouched = ['missing', 'null', 'undefined', ...(using === undefined ? [targetOf(operation)] : [])];
  return stages(set({ $cond: [{ $in: [{ $type: input }, untouched] }, input, converted] }));
}

function exactConversion(operation: Operation<'change_type'>, lossless: boolean): Document {
  const { field_name } = operation.data;
  const to = targetOf(operation);
  const input = `$${field_name}`;
  const refused = notMapped(`the value of ${field_name} does not convert to ${to} without loss`);
  const converted = conversion(input, to, refused);
  if (!numbers.has(to) || !(lossless || to === 'int' || to === 'long')) return converted;
  return {
    $let: {
      vars: { converted },
      in: {
        $cond: [{ $and: [{ $in: [{ $type: input }, [...numbers]] }, { $ne: ['$$converted', input] }] }, refused, '$$converted'],
      },
    },
  };
}

/** A change_type back to a type, by its alias; undefined where nothing converts to it. */
export function convertBack(operation: Operation<'change_type'>, type: string | undefined): MappingStep | undefined {
  if (type === undefined || !convertible.has(type)) return undefined;
  return convertStep({ ...operation, data: { field_name: operation.data.field_name, to: type } }, false);
}
