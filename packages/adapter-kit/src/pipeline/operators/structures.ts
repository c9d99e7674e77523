import type { PortableDocument, PortableValue } from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { type Operator, ofOne, ofPresent, ofValues, type Result, unfit } from '../operator.ts';

/** The operators on lists and documents. */
export const structureOperators: Readonly<Record<string, Operator>> = {
  $size: ofOne((value, name) => listOf(value, name).length),
  $arrayElemAt: ofPresent({ least: 2, most: 2 }, ([list, index], name) => {
    const at = Number(index);
    if (!Number.isInteger(at)) throw unfit(name, 'a whole number as position', index);
    return listOf(list, name).at(at);
  }),
  $first: ofPresent({ least: 1, most: 1 }, ([list], name) => listOf(list, name)[0]),
  $last: ofPresent({ least: 1, most: 1 }, ([list], name) => listOf(list, name).at(-1)),
  $concatArrays: ofPresent({ least: 1 }, (lists, name) => lists.flatMap((list) => listOf(list, name))),
  $mergeObjects: ofValues({ least: 1 }, (values, name) => {
    const merged: PortableDocument = new Map();
    for (const value of values) {
      if (value === null || value === undefined) continue;
      const document = plainForm(value);
      if (!(document instanceof Map)) throw unfit(name, 'documents', value);
      for (const [field, inner] of document) merged.set(field, inner);
    }
    return merged;
  }),
};

function listOf(value: Result, name: string): PortableValue[] {
  const list = value === undefined ? undefined : plainForm(value);
  if (!Array.isArray(list)) throw unfit(name, 'a list', value);
  return list;
}
