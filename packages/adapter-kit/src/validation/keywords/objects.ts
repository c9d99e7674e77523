import type { JsonObject, PortableDocument } from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { at, countOf, fieldPath, type Keyword, objectOf, patternOf, type Rule, textsOf } from '../rule.ts';

/** `required`: fields that must be there; null is there. */
export const required: Keyword = (value, context) => {
  const names = Array.isArray(value) && value.length === 0 ? [] : textsOf(value, context);
  return onDocuments((document, path, report) => {
    for (const name of names) if (!document.has(name)) report(`${fieldPath(path, name)} is missing`);
  });
};

/** `properties`: a schema for each field that is named, where it is there. */
export const properties: Keyword = (value, context) => {
  const rules = Object.entries(objectOf(value, context)).map(
    ([name, schema]) => [name, context.compile(schema, `.${name}`)] as const,
  );
  return onDocuments((document, path, report) => {
    for (const [name, rule] of rules) {
      const found = document.get(name);
      if (found !== undefined) rule(plainForm(found), fieldPath(path, name), report);
    }
  });
};

/** `patternProperties`: a schema for each field whose name matches. */
export const patternProperties: Keyword = (value, context) => {
  const rules = Object.entries(objectOf(value, context)).map(
    ([pattern, schema]) => [patternOf(pattern, context.place), context.compile(schema, `.${pattern}`)] as const,
  );
  return onDocuments((document, path, report) => {
    for (const [name, found] of document) {
      for (const [pattern, rule] of rules) if (pattern.test(name)) rule(plainForm(found), fieldPath(path, name), report);
    }
  });
};

/** `additionalProperties`: fields that neither `properties` nor `patternProperties` name. */
export const additionalProperties: Keyword = (value, context) => {
  if (value === true) return () => undefined;
  const rule = value === false ? undefined : context.compile(value, '');
  const named = new Set(Object.keys((context.schema['properties'] ?? {}) as JsonObject));
  const patterns = Object.keys((context.schema['patternProperties'] ?? {}) as JsonObject).map((each) =>
    patternOf(each, context.place),
  );
  return onDocuments((document, path, report) => {
    for (const [name, found] of document) {
      if (named.has(name) || patterns.some((pattern) => pattern.test(name))) continue;
      if (rule) rule(plainForm(found), fieldPath(path, name), report);
      else report(`${fieldPath(path, name)} is not allowed`);
    }
  });
};

/** `minProperties`. */
export const minProperties: Keyword = (value, context) => {
  const count = countOf(value, context);
  return onDocuments((document, path, report) => {
    if (document.size < count) report(`${at(path)} has fewer than ${count} fields`);
  });
};

/** `maxProperties`. */
export const maxProperties: Keyword = (value, context) => {
  const count = countOf(value, context);
  return onDocuments((document, path, report) => {
    if (document.size > count) report(`${at(path)} has more than ${count} fields`);
  });
};

/** `dependencies`: fields, or a schema of the whole, that a field asks for where it is there. */
export const dependencies: Keyword = (value, context) => {
  const rules = Object.entries(objectOf(value, context)).map(([name, needed]) => {
    const rule = Array.isArray(needed) ? required(needed, context) : context.compile(needed, `.${name}`);
    return [name, rule] as const;
  });
  return onDocuments((document, path, report) => {
    for (const [name, rule] of rules) if (document.has(name)) rule(document, path, report);
  });
};

function onDocuments(check: (document: PortableDocument, path: string, report: (violation: string) => void) => void): Rule {
  return (value, path, report) => {
    if (value instanceof Map) check(value, path, report);
  };
}
