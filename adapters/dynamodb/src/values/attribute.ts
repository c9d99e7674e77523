import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { numberText } from './number.ts';

/** An item as the driver has it. */
export type Item = Record<string, AttributeValue>;

/** A value of one attribute, in the driver's form. */
export type { AttributeValue };

/**
 * One text for each value, the same for equal ones: numbers by value, sets and maps in one order, because the service keeps none. Values of
 * different types never share one.
 */
export function attributeText(value: AttributeValue): string {
  if (value.S !== undefined) return `S${JSON.stringify(value.S)}`;
  if (value.N !== undefined) return `N${numberText(value.N)}`;
  if (value.B !== undefined) return `B${base64(value.B)}`;
  if (value.BOOL !== undefined) return value.BOOL ? 't' : 'f';
  if (value.NULL !== undefined) return 'n';
  if (value.L !== undefined) return `[${value.L.map(attributeText).join(',')}]`;
  if (value.M !== undefined) return `{${mapText(value.M)}}`;
  if (value.SS !== undefined) return `SS${JSON.stringify([...value.SS].sort())}`;
  if (value.NS !== undefined) return `NS${JSON.stringify(value.NS.map(numberText).sort())}`;
  return `BS${JSON.stringify(value.BS!.map(base64).sort())}`;
}

/** One text for each item. */
export function itemText(item: Item): string {
  return mapText(item);
}

function mapText(map: Item): string {
  return sortedFields(map)
    .map(([name, value]) => `${JSON.stringify(name)}:${attributeText(value)}`)
    .join(',');
}

/** Fields in the order of their names: the service keeps no other. */
export function sortedFields(map: Item): [string, AttributeValue][] {
  return Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Bytes as text. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
