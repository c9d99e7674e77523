import { type JsonObject, type JsonValue, PolyshiftError, type PortableValue } from '@polyshift/core';

/** What a schema asks of a value that stands at a path of the row; calls `report` for each violation, in words. The value is in its plain form. */
export type Rule = (value: PortableValue, path: string, report: (violation: string) => void) => void;

/** Where a keyword stands, and what it needs to compile the schemas in it. */
export interface KeywordContext {
  /** The schema that the keyword is part of. */
  readonly schema: JsonObject;
  /** The keyword with the way to it, like `data.schema.properties.age.minimum`. */
  readonly place: string;
  /** Compiles a schema inside; `part` is the way to it from the keyword. Throws INVALID_DOCUMENT. */
  compile(schema: JsonValue, part: string): Rule;
}

/** Compiles the value of one keyword. Throws INVALID_DOCUMENT. */
export type Keyword = (value: JsonValue, context: KeywordContext) => Rule;

/** The words for a value's place in the row. */
export function at(path: string): string {
  return path === '' ? 'the row' : path;
}

/** The path of a field. */
export function fieldPath(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

/** Whether a value breaks a rule. */
export function breaks(rule: Rule, value: PortableValue): boolean {
  let broken = false;
  rule(value, '', () => {
    broken = true;
  });
  return broken;
}

/** The error of a schema that cannot be compiled. */
export function invalidSchema(place: string, message: string, hint?: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `${message}.`, {
    place: { path: place },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The keyword's value as a list with at least one element. */
export function listOf(value: JsonValue, { place }: KeywordContext): readonly JsonValue[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalidSchema(place, 'the keyword needs a list that is not empty');
}

/** The keyword's value as a list of texts. */
export function textsOf(value: JsonValue, context: KeywordContext): readonly string[] {
  const list = listOf(value, context);
  if (list.every((each) => typeof each === 'string')) return list as string[];
  throw invalidSchema(context.place, 'the keyword needs a list of texts');
}

/** The keyword's value as an object. */
export function objectOf(value: JsonValue, { place }: KeywordContext): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidSchema(place, 'the keyword needs an object');
}

/** The keyword's value as a number of things. */
export function countOf(value: JsonValue, { place }: KeywordContext): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw invalidSchema(place, 'the keyword needs a whole number from 0');
}

/** The keyword's value as a regular expression, which may match anywhere in a text. */
export function patternOf(value: JsonValue, place: string): RegExp {
  if (typeof value !== 'string') throw invalidSchema(place, 'the keyword needs a regular expression as text');
  for (const flags of ['u', '']) {
    try {
      return new RegExp(value, flags);
    } catch (error) {
      // Escapes that are needless are wrong with the flag u, and right without it.
      if (flags === '')
        throw invalidSchema(place, `${JSON.stringify(value)} is no regular expression: ${(error as Error).message}`);
    }
  }
  throw invalidSchema(place, `${JSON.stringify(value)} is no regular expression`);
}
