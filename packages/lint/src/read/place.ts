/** A place in a file; both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset in a text, both in characters. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, Math.max(0, offset));
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}
