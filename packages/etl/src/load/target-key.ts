import type { CollectionSchema, Column } from '@polyshift/core';
import { nearest } from '@polyshift/core';
import type { BranchSpec } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { CompiledBranch } from '../transform/compile-branch.ts';
import { isDynamic, ruleColumns } from './target-columns.ts';

/** What decides the key of a target. */
export interface KeySources {
  readonly loaded: LoadedSpec;
  /** The field that the store fixes. */
  readonly fixed: string | undefined;
  /** The columns of the target. */
  readonly columns: readonly Column[];
  readonly existing: CollectionSchema | undefined;
}

/**
 * What makes a row of the target the same: the field that the store fixes, else what the spec names, else the primary key of an existing
 * target, else the fields that the source's key was copied to. Throws UNKNOWN_FIELD and INVALID_DOCUMENT.
 */
export function targetKey(
  branches: readonly { readonly branch: CompiledBranch; readonly sourceKey: readonly string[] }[],
  sources: KeySources,
): readonly string[] {
  const keys = branches.map(({ branch, sourceKey }) => branchKey(branch, sourceKey, sources));
  const [first] = keys;
  const other = keys.findIndex((key) => key.join('\0') !== first!.join('\0'));
  if (other > 0) {
    const { place, target_table } = branches[other]!.branch.spec;
    throw specError(sources.loaded, place, 'INVALID_DOCUMENT', `two steps load into "${target_table}" by different keys`, {
      hint: `One goes by ${first!.join(', ')}, the other by ${keys[other]!.join(', ')}: name the same fields by \`key\`.`,
    });
  }
  return first!;
}

function branchKey(branch: CompiledBranch, sourceKey: readonly string[], sources: KeySources): readonly string[] {
  const { loaded, fixed, columns, existing } = sources;
  const { spec, rules } = branch;
  const dynamic = isDynamic(branch);
  const has = (name: string) => dynamic || columns.some((column) => column.name === name);
  if (fixed !== undefined) {
    if (spec.key && !spec.elementOnly && (spec.key.length !== 1 || spec.key[0] !== fixed)) {
      throw specError(loaded, keyPlace(spec), 'INVALID_DOCUMENT', `the key of this store is always "${fixed}"`, {
        hint: `Write a rule for "${fixed}" in the transform step instead.`,
      });
    }
    return [fixed];
  }
  if (spec.key) {
    for (const [index, name] of spec.key.entries()) {
      if (has(name)) continue;
      const near = nearest(
        name,
        columns.map((column) => column.name),
      );
      throw specError(loaded, [...keyPlace(spec), index], 'UNKNOWN_FIELD', `no rule makes the target field "${name}"`, {
        hint: near ? `Did you mean "${near}"?` : undefined,
      });
    }
    return spec.key;
  }
  if (existing && existing.key.length > 0 && existing.key.every(has)) return existing.key;
  // A row of each element has no key of its own in the source.
  const copied = spec.unwind ? [] : copiedKey(branch, sourceKey);
  if (copied.length > 0 && copied.every((name) => name !== undefined)) return copied as string[];
  throw specError(loaded, spec.place, 'INVALID_DOCUMENT', 'nothing says what makes a row of the target the same', {
    hint: spec.unwind
      ? 'Name its fields by `key` in the load step: the position of the element or a field of it belongs to them.'
      : `Name its fields by \`key\` in the load step, or copy the source's key (${sourceKey.join(', ')}) by a rule.`,
  });

  function copiedKey({ shape }: CompiledBranch, key: readonly string[]): (string | undefined)[] {
    return key.map(
      (name) =>
        rules.find((rule) => rule.copies === name)?.column.name ??
        (shape.kind === 'as_is' || dynamic || ruleColumns(branch).some((column) => column.name === name) ? name : undefined),
    );
  }
}

function keyPlace({ place }: BranchSpec): readonly PropertyKey[] {
  return [...place, 'key'];
}
