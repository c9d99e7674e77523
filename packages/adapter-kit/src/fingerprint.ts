import { createHash } from 'node:crypto';
import { type Fingerprint, type PortableDocument, SetDigest, stableJson } from '@polyshift/core';
import { exactText } from './values/exact-text.ts';

/** What the store keeps of a row. */
export interface FingerprintOptions {
  /** The store keeps no order of fields, neither of a row nor of documents in it: fields are hashed by name. Default false. */
  readonly sorted_fields?: boolean;
}

/**
 * See `StoreSession.fingerprint`: the hash of a schema (a JSON value; what is statistics or comes back otherwise after undo is left out by the caller), and the
 * sum of the hashes of all rows, each with the types of its values: 1 as an int32 and 1.0 as a decimal differ. An undefined schema is a collection that is not
 * there; no row is read then.
 */
export async function fingerprintOf(
  schema: unknown,
  batches: AsyncIterable<readonly PortableDocument[]>,
  options: FingerprintOptions = {},
): Promise<Fingerprint> {
  const digest = new SetDigest();
  if (schema === undefined) return { schema: 'absent', content: digest.sum, count: 0 };
  const sorted = options.sorted_fields ?? false;
  for await (const documents of batches) for (const document of documents) digest.add(exactText(document, sorted));
  return { schema: createHash('sha256').update(stableJson(schema)).digest('hex'), content: digest.sum, count: digest.count };
}
