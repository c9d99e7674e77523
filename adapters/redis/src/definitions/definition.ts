import type { JsonObject, PortableType } from '@polyshift/core';
import type { IndexDefinition } from '../indexes/index-definition.ts';

/** How the rows of a collection are kept: a hash each, a string of JSON each, or as entries of one stream. */
export type Encoding = 'hash' | 'json' | 'stream';

/** A field as a definition names it. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: PortableType;
  readonly nullable: boolean;
}

/** A stored validation schema. */
export interface ValidationDefinition {
  /** A JSON Schema. */
  readonly schema: JsonObject;
  readonly level: string;
  readonly action: string;
}

/**
 * What Redis cannot say of a collection, kept as JSON under polyshift's own keys. A collection that an application has written has none; it is
 * read as {@link undefinedCollection}.
 */
export interface Definition {
  /** The fields whose values are the rest of a row's key; several are joined by colons, percent-encoded. */
  readonly key: readonly { readonly name: string; readonly type: PortableType }[];
  /** The fields whose type is known, in order, without those of the key. */
  readonly fields: readonly FieldDefinition[];
  /** The encoding of new rows. Rows that exist say theirs themselves. */
  readonly encoding: Encoding;
  /** Seconds until a row that polyshift inserts expires; never where missing. */
  readonly ttl_seconds?: number | undefined;
  readonly validation?: ValidationDefinition | undefined;
  readonly indexes: readonly IndexDefinition[];
}

/** How a collection without a definition is read: the key is a text called `id`, fields of hashes are texts, strings hold JSON. */
export const undefinedCollection: Definition = {
  key: [{ name: 'id', type: { kind: 'text' } }],
  fields: [],
  encoding: 'hash',
  indexes: [],
};

/** The names of the key fields. */
export function keyNames(definition: Definition): string[] {
  return definition.key.map(({ name }) => name);
}

/** The type of a field; undefined where the definition does not say. */
export function fieldType(definition: Definition, name: string): PortableType | undefined {
  return definition.fields.find((field) => field.name === name)?.type;
}
