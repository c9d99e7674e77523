import type { Mapping } from './mapping.ts';
import { differingPaths } from './merge.ts';

/** One document as both versions hold it, with what the mapping makes of each. */
export interface Pair {
  readonly old: Buffer;
  readonly new: Buffer;
  readonly forward: Buffer;
  readonly back: Buffer;
}

/**
 * The paths of the new version at which two documents contradict each other: the mapped old value is another one there, and so is the new value mapped
 * back. Values that only one version knows contradict nothing.
 */
export function contradictions(mapping: Mapping, pair: Pair): string[] {
  if (pair.forward.equals(pair.new)) return [];
  const forward = differingPaths(pair.forward, pair.new);
  const back = differingPaths(pair.back, pair.old);
  return forward.filter((path) => {
    if (isWithin(path, mapping.ownNew)) return false;
    const old = mapping.oldPath(path);
    return !isWithin(old, mapping.ownOld) && back.some((other) => below(old, other) || below(other, old));
  });
}

function isWithin(path: string, own: ReadonlySet<string>): boolean {
  for (const each of own) if (below(path, each)) return true;
  return false;
}

function below(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}
