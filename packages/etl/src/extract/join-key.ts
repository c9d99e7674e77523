import { canonicalText, type JsonValue, jsonOf, type PortableType, type PortableValue } from '@polyshift/core';

/** The fields of a row that a join compares. */
export interface JoinKey {
  /** Equal where the values are, whatever their types. */
  readonly text: string;
  /** The values as conditions name them. */
  readonly values: readonly JsonValue[];
  /** Why the joined rows cannot be asked for; undefined where they can. */
  readonly refused: string | undefined;
}

/** A value with its type; undefined where the field is missing. */
export type TypedValue = readonly [PortableType, PortableValue | undefined];

/**
 * The key of a row; undefined where a part of it is null or missing, which is equal to nothing.
 *
 * @param inDocuments whether documents are asked for it: their numbers are found by numbers alone, and JSON has none beyond 2^53
 */
export function joinKeyOf(fields: readonly TypedValue[], inDocuments = false): JoinKey | undefined {
  const texts: string[] = [];
  const values: JsonValue[] = [];
  let refused: string | undefined;
  for (const [type, value] of fields) {
    if (value === null || value === undefined) return undefined;
    const json = jsonOf(type, value);
    texts.push(canonicalText(type, value));
    values.push(json);
    if (inDocuments && typeof json === 'string' && typeof value === 'bigint') {
      refused = `${json} is too large to be looked up by a join in documents`;
    }
  }
  return { text: texts.join('|'), values, refused };
}
