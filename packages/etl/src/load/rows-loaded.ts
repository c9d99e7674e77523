import type { StoreSession } from '@polyshift/core';
import type { TargetCounts } from '../journal/records.ts';
import type { PreparedTarget } from './targets.ts';

/**
 * Rows in a target that are this load's: what an earlier attempt had written is, what `ignore` left is not. Of rows that many source rows
 * share only the first is inserted.
 */
export function rowsLoaded(
  { inserted, replaced, already_there }: TargetCounts,
  mode: PreparedTarget['mode'],
  distinct: boolean,
): number {
  return inserted + replaced + (mode === 'ignore' || distinct ? 0 : already_there);
}

/**
 * The same at the end of a run. Where rows that were there already may be those of the attempt before, the target itself is asked, if it held
 * nothing before the load.
 */
export async function rowsLoadedAtEnd(
  session: StoreSession,
  target: PreparedTarget,
  counts: TargetCounts,
  run: { readonly attempts: number; readonly before: 'absent' | 'empty' | 'filled' },
): Promise<number> {
  const unclear = run.attempts > 1 && run.before !== 'filled' && (target.mode === 'ignore' || target.distinct);
  return unclear ? session.count(target.table) : rowsLoaded(counts, target.mode, target.distinct);
}
