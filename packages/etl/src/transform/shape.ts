import { type Column, type PortableDocument, portableColumn, toDynamic } from '@polyshift/core';
import type { CompiledRule } from './compiled-rule.ts';
import type { Input } from './input.ts';
import { RowRefusal } from './row-refusal.ts';

/** What the rows of a branch become. Builders throw ConversionError and RowRefusal for a row that cannot be made. */
export type Shape =
  /** Batches go through as they are. */
  | { readonly kind: 'as_is'; readonly columns: readonly Column[]; readonly dynamic: boolean }
  | { readonly kind: 'rows'; readonly columns: readonly Column[]; readonly build: (row: unknown) => readonly unknown[] }
  | { readonly kind: 'documents'; readonly build: (row: unknown) => PortableDocument };

/** Rows by position, made by rules. */
export function ruleRows(rules: readonly CompiledRule[]): Shape {
  return { kind: 'rows', columns: rules.map((rule) => rule.column), build: (row) => rules.map((rule) => rule.evaluate(row)) };
}

/** Documents: the fields of the rules, then the rest of the fields. */
export function ruleDocuments(input: Input, rules: readonly CompiledRule[], leftOut: ReadonlySet<string>): Shape {
  return {
    kind: 'documents',
    build: (row) => {
      const document: PortableDocument = new Map();
      for (const rule of rules) {
        const raw = rule.evaluate(row);
        if (raw === undefined) continue;
        document.set(rule.column.name, raw === null ? null : toDynamic(rule.column.type, rule.column.decode(raw)));
      }
      for (const [name, value] of input.document(row)) if (!leftOut.has(name) && !document.has(name)) document.set(name, value);
      return document;
    },
  };
}

/** Documents as rows of a fixed list of fields. A field beyond them is never dropped: its row is refused. */
export function documentRows(names: readonly string[], build: (row: unknown) => PortableDocument): Shape {
  const known = new Set(names);
  return {
    kind: 'rows',
    columns: names.map((name) => portableColumn(name, { kind: 'dynamic' })),
    build: (row) => {
      const document = build(row);
      for (const name of document.keys()) {
        if (!known.has(name)) throw new RowRefusal('UNKNOWN_FIELD', name, 'the target has no column of this name');
      }
      return names.map((name) => document.get(name));
    },
  };
}
