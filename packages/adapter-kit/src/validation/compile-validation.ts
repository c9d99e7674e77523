import { type JsonObject, type JsonValue, nearest, type PortableDocument } from '@polyshift/core';
import { additionalItems, items, maxItems, minItems, uniqueItems } from './keywords/arrays.ts';
import { allOf, anyOf, not, oneOf } from './keywords/logic.ts';
import { exclusiveMaximum, exclusiveMinimum, maximum, minimum, multipleOf } from './keywords/numbers.ts';
import {
  additionalProperties,
  dependencies,
  maxProperties,
  minProperties,
  patternProperties,
  properties,
  required,
} from './keywords/objects.ts';
import { maxLength, minLength, pattern } from './keywords/texts.ts';
import { constant, oneOfValues, type } from './keywords/types.ts';
import { invalidSchema, type Keyword, type Rule } from './rule.ts';

const keywords: Readonly<Record<string, Keyword>> = {
  type,
  bsonType: type,
  enum: oneOfValues,
  const: constant,
  required,
  properties,
  patternProperties,
  additionalProperties,
  minProperties,
  maxProperties,
  dependencies,
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
  multipleOf,
  minLength,
  maxLength,
  pattern,
  items,
  additionalItems,
  minItems,
  maxItems,
  uniqueItems,
  allOf,
  anyOf,
  oneOf,
  not,
};

/** Words that describe and do not demand. */
const annotations = new Set(['title', 'description', '$schema', '$id', '$comment', 'examples', 'default']);

/**
 * Compiles a validation schema: JSON Schema as MongoDB has it (draft 4, with `bsonType`), and the numbers for `exclusiveMinimum` and `exclusiveMaximum`, and the
 * `const`, of later drafts. The compiled schema gives the violations of a document in words, each with its path; none where the document is
 * valid. Numbers compare by value without rounding; a keyword says nothing about values of other types. Throws INVALID_DOCUMENT for
 * keywords and types that are not known: what is not enforced is not accepted in silence.
 */
export function compileValidation(schema: JsonObject): (document: PortableDocument) => string[] {
  const rule = compileSchema(schema, 'data.schema');
  return (document) => {
    const violations: string[] = [];
    rule(document, '', (violation) => violations.push(violation));
    return violations;
  };
}

function compileSchema(schema: JsonValue, place: string): Rule {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw invalidSchema(place, 'a schema is an object');
  const rules = Object.entries(schema)
    .filter(([name]) => !annotations.has(name))
    .map(([name, value]) => {
      const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
      if (!keyword) throw unknown(name, place);
      const own = `${place}.${name}`;
      return keyword(value, { schema, place: own, compile: (inner, part) => compileSchema(inner, `${own}${part}`) });
    });
  return (value, path, report) => {
    for (const rule of rules) rule(value, path, report);
  };
}

function unknown(name: string, place: string) {
  const known = Object.keys(keywords);
  const close = nearest(name, known);
  return invalidSchema(
    place,
    `there is no keyword ${name} in a validation schema here`,
    `${close === undefined ? '' : `Did you mean ${close}? `}Keywords are ${known.join(', ')}.`,
  );
}
