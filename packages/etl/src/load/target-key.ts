import type { CollectionSchema, Column } from '@polyshift/core';
import { nearest } from '@polyshift/core';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { CompiledRule } from '../transform/compiled-rule.ts';

/**
 * What makes a row of the target the same: the field that the store fixes, else what the spec names, else the primary key of an existing
 * target, else the fields that the source's key was copied to. Throws UNKNOWN_FIELD and INVALID_DOCUMENT.
 */
export function targetKey(parts: {
  loaded: LoadedSpec;
  fixed: string | undefined;
  columns: readonly Column[];
  dynamic: boolean;
  existing: CollectionSchema | undefined;
  sourceKey: readonly string[];
  rules: readonly CompiledRule[];
}): readonly string[] {
  const { loaded, fixed, columns, dynamic, existing, sourceKey, rules } = parts;
  const at = ['steps', loaded.index.load, 'key'];
  const named = loaded.load.key;
  const has = (name: string) => dynamic || columns.some((column) => column.name === name);
  if (fixed !== undefined) {
    if (named && (named.length !== 1 || named[0] !== fixed)) {
      throw specError(loaded, at, 'INVALID_DOCUMENT', `the key of this store is always "${fixed}"`, {
        hint: `Write a rule for "${fixed}" in the transform step instead.`,
      });
    }
    return [fixed];
  }
  if (named) {
    for (const [index, name] of named.entries()) {
      if (has(name)) continue;
      const near = nearest(
        name,
        columns.map((column) => column.name),
      );
      throw specError(loaded, [...at, index], 'UNKNOWN_FIELD', `no rule makes the target field "${name}"`, {
        hint: near ? `Did you mean "${near}"?` : undefined,
      });
    }
    return named;
  }
  if (existing && existing.key.length > 0 && existing.key.every(has)) return existing.key;
  const copied =
    dynamic && rules.length === 0 ? sourceKey : sourceKey.map((name) => rules.find((rule) => rule.copies === name)?.column.name);
  if (copied.length > 0 && copied.every((name) => name !== undefined)) return copied as string[];
  throw specError(
    loaded,
    ['steps', loaded.index.load],
    'INVALID_DOCUMENT',
    'nothing says what makes a row of the target the same',
    {
      hint: `Name its fields by \`key\` in the load step, or copy the source's key (${sourceKey.join(', ')}) by a rule.`,
    },
  );
}
