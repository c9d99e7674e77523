import type { JsonValue } from '@polyshift/core';
import { at, breaks, type Keyword, type KeywordContext, listOf, type Rule } from '../rule.ts';

/** `allOf`. */
export const allOf: Keyword = (value, context) => {
  const rules = rulesOf(value, context);
  return (found, path, report) => {
    for (const rule of rules) rule(found, path, report);
  };
};

/** `anyOf`: at least one. */
export const anyOf: Keyword = (value, context) => {
  const rules = rulesOf(value, context);
  return (found, path, report) => {
    if (rules.every((rule) => breaks(rule, found))) report(`${at(path)} meets none of the ${rules.length} schemas of anyOf`);
  };
};

/** `oneOf`: exactly one. */
export const oneOf: Keyword = (value, context) => {
  const rules = rulesOf(value, context);
  return (found, path, report) => {
    const met = rules.filter((rule) => !breaks(rule, found)).length;
    if (met !== 1) report(`${at(path)} meets ${met} of the ${rules.length} schemas of oneOf instead of one`);
  };
};

/** `not`. */
export const not: Keyword = (value, context) => {
  const rule = context.compile(value, '');
  return (found, path, report) => {
    if (!breaks(rule, found)) report(`${at(path)} meets the schema of not`);
  };
};

function rulesOf(value: JsonValue, context: KeywordContext): Rule[] {
  return listOf(value, context).map((schema, index) => context.compile(schema, `[${index}]`));
}
