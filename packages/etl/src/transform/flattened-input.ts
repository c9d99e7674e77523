import { nearest, type PortableDocument, type PortableValue, portableColumn } from '@polyshift/core';
import type { Flatten } from '../spec/shaping.ts';
import type { Input } from './input.ts';
import { RowRefusal } from './row-refusal.ts';

/** The fields of rows whose nested documents have been taken apart; JSON columns of tables stay as they are. */
export function flattenedInput(inner: Input, options: Flatten, names: readonly string[]): Input {
  // Rules read field by field: the row that was taken apart last is kept.
  let last: { readonly row: unknown; readonly flat: PortableDocument } | undefined;
  const flat = (row: unknown): PortableDocument => {
    if (last === undefined || last.row !== row) last = { row, flat: flattened(inner.document(row), options) };
    return last.flat;
  };
  return {
    dynamic: true,
    names,
    nearest: (name) => nearest(name, names),
    use: (batch) => {
      last = undefined;
      inner.use(batch);
    },
    field: (name) => {
      const nested = inner.field(name);
      return {
        name,
        column: portableColumn(name, { kind: 'dynamic' }),
        read: (row) => {
          const value = flat(row).get(name);
          if (value !== undefined || nested === undefined) return value;
          const raw = nested.read(row);
          return raw === null || raw === undefined ? raw : nested.column.decode(raw);
        },
      };
    },
    document: flat,
  };
}

/** Takes nested documents apart. Throws RowRefusal where two fields would have the same name. */
export function flattened(document: PortableDocument, { separator, max_depth }: Flatten): PortableDocument {
  const flat: PortableDocument = new Map();
  const add = (prefix: string, inner: PortableDocument, depth: number): void => {
    for (const [field, value] of inner) {
      const name = `${prefix}${field}`;
      if (value instanceof Map && depth < max_depth && value.size > 0) add(`${name}${separator}`, value, depth + 1);
      else set(name, value);
    }
  };
  const set = (name: string, value: PortableValue): void => {
    if (flat.has(name)) throw new RowRefusal('ALREADY_EXISTS', name, `flattened, the row has two fields ${name}`);
    flat.set(name, value);
  };
  add('', document, 1);
  return flat;
}
