/**
 * Proof that a collection is what it was: equal fingerprints mean equal schema (fields in order, types, defaults, indexes,
 * constraints, validation, options) and equal content (every row or document with every value, whatever their order in the store;
 * inside a document the order of fields counts). Compared within one store only.
 */
export interface Fingerprint {
  /** Hash of the canonical schema, hexadecimal; `absent` where the collection does not exist. */
  readonly schema: string;
  /** Order-independent hash over all rows, hexadecimal. */
  readonly content: string;
  readonly count: number;
}

/** Whether two fingerprints are of the same state. */
export function sameFingerprint(left: Fingerprint, right: Fingerprint): boolean {
  return left.schema === right.schema && left.content === right.content && left.count === right.count;
}
