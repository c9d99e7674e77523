import { createHash } from 'node:crypto';
import { ConversionError } from '@polyshift/core';
import { type JsonNode, JsonNumber, nodeText } from '../json/node.ts';

/** The longest `_id` that Elasticsearch takes, in bytes. */
const longest = 512;

/**
 * The `_id` for the values of a key: the text of the one value, or the values of several as a JSON array; its SHA-256 where that is too long. So the
 * same key is always the same document. Throws ConversionError for a key without a value.
 */
export function documentId(key: readonly string[], values: readonly (JsonNode | undefined)[]): string {
  const missing = values.findIndex((value) => value === null || value === undefined);
  if (missing >= 0) throw new ConversionError(`the key field ${key[missing]} has no value`);
  const id = values.length === 1 ? plainText(values[0]!) : `[${values.map((value) => nodeText(value!)).join(',')}]`;
  if (id === '')
    throw new ConversionError(`the key field ${key[0]} is an empty text, which Elasticsearch does not take as an id`);
  return Buffer.byteLength(id) <= longest ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

function plainText(value: JsonNode): string {
  if (typeof value === 'string') return value;
  return value instanceof JsonNumber ? value.text : nodeText(value);
}
