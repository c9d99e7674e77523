import type { Document } from 'mongodb';

/**
 * The stages of an update pipeline in which `$$new` stands for a document: each expression that names it is put inside of a $let with
 * the document as a literal, as no server lets an update have a variable of its own for each document.
 */
export function withNewDocument(stages: readonly Document[], document: unknown): Document[] {
  return stages.map((stage) => {
    const [name, value] = Object.entries(stage)[0]!;
    if (name === '$replaceRoot') return { $replaceRoot: { newRoot: bound(fieldOf(value, 'newRoot'), document) } };
    if (name === '$replaceWith') return { [name]: bound(value, document) };
    return { [name]: name === '$unset' ? value : boundFields(value, document) };
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return value instanceof Map ? value.get(name) : (value as Document)[name];
}

/** Field names keep their meaning ({a: {b: ...}} sets a.b); only what stands behind them is an expression. */
function boundFields(value: unknown, document: unknown): unknown {
  if (!isObject(value)) return bound(value, document);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  if (entries.some(([name]) => String(name).startsWith('$'))) return bound(value, document);
  return new Map(entries.map(([name, inner]) => [name, boundFields(inner, document)]));
}

function bound(expression: unknown, document: unknown): unknown {
  if (!namesNew(expression)) return expression;
  return { $let: { vars: { new: { $literal: document } }, in: expression } };
}

function namesNew(value: unknown): boolean {
  if (typeof value === 'string') return value === '$$new' || value.startsWith('$$new.');
  if (Array.isArray(value)) return value.some(namesNew);
  if (value instanceof Map) return [...value.values()].some(namesNew);
  return isObject(value) && Object.values(value).some(namesNew);
}

function isObject(value: unknown): value is Document | Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}
