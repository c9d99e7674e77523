import type { JsonValue } from '@polyshift/core';
import { compareValues } from '../../values/compare-values.ts';
import { plainForm } from '../../values/plain-form.ts';
import { at, countOf, invalidSchema, type Keyword, type KeywordContext, type Rule } from '../rule.ts';

/** `items`: one schema for every element, or a list of schemas by position. */
export const items: Keyword = (value, context) => {
  if (!Array.isArray(value)) return each(context.compile(value, ''), 0);
  const rules = value.map((schema, index) => context.compile(schema, `[${index}]`));
  return (found, path, report) => {
    if (!Array.isArray(found)) return;
    for (const [index, rule] of rules.slice(0, found.length).entries())
      rule(plainForm(found[index]!), `${path}[${index}]`, report);
  };
};

/** `additionalItems`: what stands behind the schemas of `items` by position. */
export const additionalItems: Keyword = (value, context) => {
  const listed = context.schema['items'];
  const from = Array.isArray(listed) ? listed.length : Infinity;
  if (value === true) return () => undefined;
  if (value !== false) return each(context.compile(value, ''), from);
  return (found, path, report) => {
    if (Array.isArray(found) && found.length > from) report(`${at(path)} has more than ${from} elements`);
  };
};

/** `minItems`. */
export const minItems: Keyword = (value, context) => {
  const count = countOf(value, context);
  return (found, path, report) => {
    if (Array.isArray(found) && found.length < count) report(`${at(path)} has fewer than ${count} elements`);
  };
};

/** `maxItems`. */
export const maxItems: Keyword = (value, context) => {
  const count = countOf(value, context);
  return (found, path, report) => {
    if (Array.isArray(found) && found.length > count) report(`${at(path)} has more than ${count} elements`);
  };
};

/** `uniqueItems`: 1, 1.0 and the decimal 1 are the same. */
export const uniqueItems: Keyword = (value, context) => {
  if (!wanted(value, context)) return () => undefined;
  return (found, path, report) => {
    if (!Array.isArray(found)) return;
    const sorted = [...found].sort(compareValues);
    if (sorted.some((element, index) => index > 0 && compareValues(sorted[index - 1]!, element) === 0))
      report(`${at(path)} has an element twice`);
  };
};

function wanted(value: JsonValue, { place }: KeywordContext): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidSchema(place, 'the keyword needs true or false');
}

function each(rule: Rule, from: number): Rule {
  return (found, path, report) => {
    if (!Array.isArray(found)) return;
    for (const [index, element] of found.entries()) if (index >= from) rule(plainForm(element), `${path}[${index}]`, report);
  };
}
