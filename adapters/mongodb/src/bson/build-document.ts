import type { Element } from './element.ts';

/** The bytes of one field, as they stand in a document. */
export function elementBytes(buffer: Buffer, element: Element): Buffer {
  return buffer.subarray(element.start, element.end);
}

/** The bytes of a value with its type, without the name: equal bytes are equal values of equal types. */
export function sameValue(left: Buffer, a: Element, right: Buffer, b: Element): boolean {
  return a.type === b.type && left.compare(right, b.value, b.end, a.value, a.end) === 0;
}

/** The bytes of a field under another name. */
export function renamedElement(buffer: Buffer, element: Element, name: string): Buffer {
  return Buffer.concat([
    buffer.subarray(element.start, element.start + 1),
    Buffer.from(`${name}\0`),
    buffer.subarray(element.value, element.end),
  ]);
}

/** The bytes of a field that holds a document. */
export function documentElement(name: string, type: number, document: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), document]);
}

/** Puts fields together to a document. */
export function documentOf(elements: readonly Buffer[]): Buffer {
  const size = elements.reduce((sum, each) => sum + each.length, 5);
  const header = Buffer.alloc(4);
  header.writeInt32LE(size);
  return Buffer.concat([header, ...elements, Buffer.of(0)], size);
}

/** The document without one of its fields. */
export function withoutElement(document: Buffer, element: Element): Buffer {
  const rest = Buffer.concat([document.subarray(0, element.start), document.subarray(element.end)]);
  rest.writeInt32LE(rest.length);
  return rest;
}
