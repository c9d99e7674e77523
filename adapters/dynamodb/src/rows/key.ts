import type { RowKey } from '@polyshift/adapter-kit';
import { ownValue, PolyshiftError } from '@polyshift/core';
import type { KeyField, KeySchema } from '../tables/definition.ts';
import { type AttributeValue, base64, type Item } from '../values/attribute.ts';
import { numberText } from '../values/number.ts';

/** Bytes of a partition key and of a sort key, at most. */
const maxBytes = [2048, 1024] as const;

/** What identifies an item: the values of its key in order, a string as it is, a number by its digits, binary as base64. */
export function keyOfItem(key: KeySchema, item: Item): RowKey {
  return key.map(({ field, type }) => {
    const value = ownValue(item, field);
    const problem = keyProblem({ field, type }, value);
    if (problem !== undefined) throw new PolyshiftError('CONVERSION_FAILED', problem);
    return type === 'N' ? numberText(value!.N!) : type === 'S' ? value!.S! : base64(value!.B!);
  });
}

/** The attributes of a key, as the service takes them. */
export function keyItem(key: KeySchema, rowKey: RowKey): Item {
  const parts = rowKey as string[];
  return Object.fromEntries(
    key.map(({ field, type }, position) => {
      const text = parts[position]!;
      return [
        field,
        type === 'B' ? { B: new Uint8Array(Buffer.from(text, 'base64')) } : ({ [type]: text } as unknown as AttributeValue),
      ];
    }),
  );
}

/** The key out of an item, as the service takes it. */
export function keyPart(key: KeySchema, item: Item): Item {
  return Object.fromEntries(key.map(({ field }) => [field, item[field]!]));
}

/** Why an item cannot have this value in its key; undefined where it can. */
export function keyProblem({ field, type }: KeyField, value: AttributeValue | undefined): string | undefined {
  if (value === undefined || value.NULL) return `the key ${field} is missing`;
  const own = value[type];
  if (own === undefined) return `the key ${field} is of type ${type} in the table, not ${Object.keys(value)[0]}`;
  return own.length === 0 ? `the key ${field} is empty, which no key can be` : undefined;
}

/** Why no item can have a key of this length; undefined where it can. */
export function keySizeProblem(key: KeySchema, item: Item): string | undefined {
  for (const [position, { field, type }] of key.entries()) {
    const value = item[field]!;
    const bytes = type === 'B' ? value.B!.byteLength : type === 'S' ? Buffer.byteLength(value.S!) : 0;
    if (bytes > maxBytes[position]!) return `the key ${field} has ${bytes} bytes; ${maxBytes[position]} are allowed`;
  }
  return undefined;
}
