import { Binary, BSON, type Document } from 'mongodb';
import type { RawDocument } from './document-batch.ts';

/** Bytes of a document, at most. */
export const maxDocumentBytes = 16_777_216;

/** Levels of documents and arrays inside each other, at most. */
const maxDepth = 100;

/** Below this estimate a document cannot be too large, even where every character takes three bytes. */
const surelySmall = 4_000_000;

/** The size of a document, about, and why the server would refuse it, where it would. */
export function measure(document: RawDocument): { bytes: number; problem?: string } {
  if (Buffer.isBuffer(document)) return { bytes: document.length };
  const measured = { bytes: 0, depth: 0, name: undefined as string | undefined };
  visit(document, 1, measured);
  if (measured.depth > maxDepth) return { bytes: measured.bytes, problem: `nested deeper than ${maxDepth} levels` };
  if (measured.name !== undefined)
    return { bytes: measured.bytes, problem: `the field name ${JSON.stringify(measured.name)} holds a NUL` };
  if (measured.bytes > surelySmall) {
    const bytes = exactSize(document);
    if (bytes === undefined || bytes > maxDocumentBytes) {
      return { bytes: measured.bytes, problem: `larger than the ${maxDocumentBytes} bytes that a document may have` };
    }
    return { bytes };
  }
  return { bytes: measured.bytes };
}

function visit(value: unknown, depth: number, measured: { bytes: number; depth: number; name: string | undefined }): void {
  if (typeof value === 'string') {
    measured.bytes += value.length + 5;
    return;
  }
  if (value === null || typeof value !== 'object') {
    measured.bytes += 8;
    return;
  }
  if (value instanceof Binary) {
    measured.bytes += value.length() + 5;
    return;
  }
  const nested = value instanceof Map || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!nested) {
    measured.bytes += 12;
    return;
  }
  measured.depth = Math.max(measured.depth, depth);
  // Deeper levels say nothing more, and a document that is its own part would never end.
  if (depth > maxDepth) return;
  if (Array.isArray(value)) {
    for (const each of value) {
      measured.bytes += 6;
      visit(each, depth + 1, measured);
    }
    return;
  }
  for (const [name, each] of value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value)) {
    if (name.includes('\0')) measured.name = name;
    measured.bytes += name.length + 2;
    visit(each, depth + 1, measured);
  }
}

function exactSize(document: Document): number | undefined {
  try {
    return BSON.serialize(document).length;
  } catch {
    // The driver's buffer ends a little above the limit of the server.
    return undefined;
  }
}
