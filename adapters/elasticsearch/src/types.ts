import type { JsonObject, PortableType, TypeKind, TypeTarget } from '@polyshift/core';
import { metaOf } from './mapping/type-text.ts';

/** What is lost where Elasticsearch cannot hold a value exactly: the names that reports use. */
export const losses = {
  bytes_to_text: 'bytes inside of documents have no field type that tells them from text; they are kept as base64',
  duplicate_json_keys: 'a key that stands twice in a JSON object is kept once, with its last value',
  empty_range: 'range fields have no empty range; null is written instead',
  date_out_of_range: 'date fields end at the years -9999 and 9999; the text is kept, and not searched',
  infinite_date: 'date fields have no infinity; the text is kept, and not searched',
  json_null: 'the JSON value null becomes null, as if the field had had no value',
  not_finite: 'numeric fields have neither NaN nor infinities; null is written instead',
} as const;

/** The name of a loss. */
export type LossName = keyof typeof losses;

/** The longest text that a keyword field indexes, in characters: Lucene's limit is 32,766 bytes. */
export const longestKeyword = 8191;

const keyword = (type: PortableType): JsonObject => ({ type: 'keyword', ignore_above: longestKeyword, ...metaOf(type) });

/** Element types of ranges that Elasticsearch has fields for. */
const rangeFields: { readonly [Kind in TypeKind]?: string } = {
  int16: 'integer_range',
  int32: 'integer_range',
  int64: 'long_range',
  float32: 'float_range',
  float64: 'double_range',
  date: 'date_range',
  timestamp: 'date_range',
  timestamptz: 'date_range',
};

/** The mapping of a field that holds values of a portable type. */
export function mappingFor(type: PortableType): JsonObject {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'int16':
      return { type: 'short' };
    case 'int32':
      return { type: 'integer' };
    case 'int64':
      return { type: 'long' };
    case 'float32':
      return { type: 'float' };
    case 'float64':
      return { type: 'double' };
    case 'text':
      return {
        type: 'text',
        fields: { keyword: { type: 'keyword', ignore_above: longestKeyword } },
        ...(type.max_length === undefined ? {} : metaOf(type)),
      };
    case 'bytes':
      return { type: 'binary' };
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      // What is no date to Elasticsearch (infinity) stays in the document, and is not searched.
      return { type: 'date', ignore_malformed: true, ...metaOf(type) };
    case 'network':
      return { type: 'ip', ignore_malformed: true };
    case 'json':
      return { type: 'object', enabled: false };
    case 'dynamic':
      // A field of Elasticsearch has one type; values of several are kept without being searched.
      return { type: 'object', enabled: false };
    case 'document':
      return { type: 'object' };
    case 'array': {
      const of = mappingFor(type.of);
      if (of['type'] === 'object') return of;
      return { ...of, ...metaOf(type) };
    }
    case 'range': {
      const field = rangeFields[type.of.kind];
      return field ? { type: field, ...metaOf(type) } : { type: 'object', enabled: false };
    }
    default:
      return keyword(type);
  }
}

const target = (native: string, own: readonly LossName[] = []): TypeTarget => ({ native, losses: own });

/** What each portable type becomes. The document itself (`_source`) keeps every value to the letter; the field's type is what searches see. */
export const typeTargets: Readonly<Record<TypeKind, TypeTarget>> = {
  boolean: target('boolean'),
  int16: target('short'),
  int32: target('integer'),
  int64: target('long'),
  float32: target('float', ['not_finite']),
  float64: target('double', ['not_finite']),
  decimal: target('keyword'),
  text: target('text with a keyword inside'),
  uuid: target('keyword'),
  bytes: target('binary'),
  date: target('date', ['date_out_of_range', 'infinite_date']),
  time: target('keyword'),
  time_tz: target('keyword'),
  timestamp: target('date', ['date_out_of_range', 'infinite_date']),
  timestamptz: target('date', ['date_out_of_range', 'infinite_date']),
  interval: target('keyword'),
  json: target('object, not searched', ['duplicate_json_keys', 'json_null']),
  enum: target('keyword'),
  array: target('as its elements'),
  range: target('integer_range, long_range, double_range, date_range', ['empty_range']),
  network: target('ip'),
  bits: target('keyword'),
  object_id: target('keyword'),
  document: {
    ...target('object', ['bytes_to_text', 'not_finite']),
    refuses: 'values of another type than the same field has in the first document: what is inside is mapped as it comes',
  },
  dynamic: target('object, not searched', ['bytes_to_text', 'not_finite']),
  native: target('keyword'),
};
