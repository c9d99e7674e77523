import { checkThat, fail, type JsonValue, type Operation, PolyshiftError, portableTypeOf, typeText } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idList } from '../bson/id.ts';
import { hasPath, throughArrays } from '../change/field-bytes.ts';
import { both } from '../conditions.ts';
import { approximateRows, planned } from '../planned.ts';
import { fieldPath, isWritableCollection } from '../preconditions.ts';
import { convertTarget } from '../types.ts';
import { jsonToCommand } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';
import { imageMethods } from './image-operation.ts';

/** The BSON types that $convert makes, by alias. */
export const convertible: ReadonlySet<string> = new Set([
  'double',
  'string',
  'objectId',
  'bool',
  'date',
  'int',
  'long',
  'decimal',
]);

/** The types that are the same to a filter, so that a document of the right type is left alone. */
export const numbers: ReadonlySet<string> = new Set(['double', 'int', 'long', 'decimal']);

/** What the check puts in the place of a value that does not convert. */
const failed = { polyshift_not_converted: true };

/** change_type: by $convert, or by an expression of the user. */
export const changeType: HandlerOf<'change_type'> = (store) => {
  const { verifyImages, ...shared } = imageMethods<'change_type'>(store, {
    filter: (operation) => toConvert(operation),
    change: (operation) => ({
      by: 'pipeline',
      stages: [{ $set: { [operation.data.field_name]: expression(operation) } }],
    }),
  });

  return {
    ...shared,

    async plan(operation, context) {
      return [
        planned(
          {
            update: operation.collection,
            updates: [
              { q: toConvert(operation), u: [{ $set: { [operation.data.field_name]: expression(operation) } }], multi: true },
            ],
          },
          {
            phase: 'migrate',
            rows: approximateRows(context, operation.collection),
            risk: 'data_changed',
            undo: 'puts every old value back from its before-image',
          },
        ),
      ];
    },

    async check(operation) {
      const checks = await isWritableCollection(store, operation.collection);
      if (checks[0]!.status === 'FAILED') return checks;
      targetOf(operation);
      const path = fieldPath(operation.data.field_name);
      const collection = store.db.collection(operation.collection);
      const arrays = throughArrays(path);
      const inArrays = arrays ? await collection.countDocuments(arrays) : 0;
      if (inArrays > 0) {
        checks.push(
          fail('path', `${path.join('.')} leads through an array in ${inArrays} documents`, 'Use migrate_data with $map.'),
        );
        return checks;
      }
      if (operation.data.using) return checks;
      const broken = await collection.aggregate(notConverted(operation, 6)).toArray();
      const count =
        broken.length === 0
          ? 0
          : Number((await collection.aggregate([...notConverted(operation), { $count: 'count' }]).toArray())[0]?.['count']);
      checks.push(
        checkThat(
          count === 0,
          'values_convert',
          {
            pass: `every value of ${path.join('.')} converts without loss`,
            fail: `${count} values of ${path.join('.')} do not convert to ${targetOf(operation)} without loss: documents ${idList(broken.map((each) => each['_id']))}`,
            action: 'Correct them first by migrate_data, or say how to convert by `using`.',
          },
          { count },
        ),
      );
      return checks;
    },

    verify: (operation, _undo, run) => verifyImages(operation, run),
  };
};

/** The BSON type afterwards, by its alias. */
export function targetOf(operation: Operation<'change_type'>): string {
  const { to } = operation.data;
  const portable = portableTypeOf(to);
  const alias = portable ? convertTarget(portable.kind) : (to as string);
  if (alias !== undefined && convertible.has(alias)) return alias;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', `MongoDB has no conversion to ${portable ? typeText(portable) : to}`, {
    hint: `It converts to ${[...convertible].join(', ')} and the portable types that are one of them.`,
  });
}

/** Documents whose field is there, not null, and of another type. */
export function toConvert(operation: Operation<'change_type'>): object {
  const path = fieldPath(operation.data.field_name);
  const field = path.join('.');
  const present = both(hasPath(path) as Document, { [field]: { $ne: null } });
  // An expression of the user may mean more than the type.
  return operation.data.using ? present : both(present, { [field]: { $not: { $type: typeNumber(targetOf(operation)) } } });
}

function typeNumber(alias: string): number {
  return { double: 1, string: 2, objectId: 7, bool: 8, date: 9, int: 16, long: 18, decimal: 19 }[alias]!;
}

/** What the field becomes, as an expression. Throws INVALID_EXPRESSION where `using` is none. */
export function expression(operation: Operation<'change_type'>): unknown {
  const { field_name, using } = operation.data;
  if (using) {
    try {
      return jsonToCommand(JSON.parse(using) as JsonValue);
    } catch (cause) {
      throw new PolyshiftError('INVALID_EXPRESSION', `using is not JSON: ${(cause as Error).message}`, {
        place: { path: 'data.using' },
        hint: 'On MongoDB it is an aggregation expression as JSON text, like {"$toInt": "$age"}.',
        cause,
      });
    }
  }
  return conversion(`$${field_name}`, targetOf(operation));
}

/** $convert, but for texts that are to be booleans: it calls every text true, `false` among them. */
export function conversion(input: string, to: string, onError?: object): Document {
  const convert = (value: unknown): Document => ({ $convert: { input: value, to, ...(onError ? { onError } : {}) } });
  if (to !== 'bool') return convert(input);
  const lower = { $toLower: input };
  return {
    $cond: [
      { $eq: [{ $type: input }, 'string'] },
      {
        $cond: [
          { $in: [lower, ['true', 't', 'yes', 'y', 'on', '1']] },
          true,
          {
            $cond: [
              { $in: [lower, ['false', 'f', 'no', 'n', 'off', '0']] },
              false,
              onError ?? { $convert: { input, to: 'int' } },
            ],
          },
        ],
      },
      convert(input),
    ],
  };
}

/** Documents whose value does not convert, or is another number afterwards (1.5 to int, 2^60 + 1 to double): their _ids. */
function notConverted(operation: Operation<'change_type'>, limit?: number): Document[] {
  const input = `$${operation.data.field_name}`;
  const to = targetOf(operation);
  const broken: Document[] = [{ $eq: ['$polyshift_converted', { $literal: failed }] }];
  if (numbers.has(to)) {
    broken.push({ $and: [{ $in: [{ $type: input }, [...numbers]] }, { $ne: ['$polyshift_converted', input] }] });
  }
  return [
    { $match: toConvert(operation) },
    { $addFields: { polyshift_converted: conversion(input, to, { $literal: failed }) } },
    { $match: { $expr: { $or: broken } } },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
    { $project: { _id: 1 } },
  ];
}
