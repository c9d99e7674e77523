import type { Column } from '@polyshift/core';
import type { CompiledBranch } from '../transform/compile-branch.ts';

/** What decides whether the rows of a target can share a key. */
export interface KeyOrigin {
  readonly branch: CompiledBranch;
  /** The key of the source, as its scan describes it. */
  readonly sourceKey: readonly string[];
  /** Whether the spec has named that key: then nothing says that it is unique. */
  readonly named: boolean;
}

/**
 * Whether no two rows of a scan can have the same key in a target: one branch makes one row of each source row, and its key holds all fields of the source's,
 * copied in their own types. See `SinkTarget.unique_keys`.
 *
 * @param columns the columns of the target
 */
export function hasUniqueKeys(origins: readonly KeyOrigin[], key: readonly string[], columns: readonly Column[]): boolean {
  const [only, ...others] = origins;
  if (!only || others.length > 0 || only.named || only.sourceKey.length === 0) return false;
  const { branch, sourceKey } = only;
  if (branch.spec.unwind || branch.spec.elementOnly || branch.spec.flatten) return false;
  const copied = key.map((field) => {
    const rule = branch.rules.find((each) => each.column.name === field);
    const column = columns.find(({ name }) => name === field);
    const typed = rule && rule.column.type.kind !== 'dynamic' && sameType(rule.column, column);
    return typed ? rule.copies : undefined;
  });
  return sourceKey.every((field) => copied.includes(field));
}

function sameType({ type }: Column, other: Column | undefined): boolean {
  return other !== undefined && JSON.stringify(type) === JSON.stringify(other.type);
}
