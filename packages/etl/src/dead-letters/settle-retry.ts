import { batchSize, type SinkWriter } from '@polyshift/core';
import type { EtlRun } from '../journal/records.ts';
import { encodeUnit } from '../load/write-unit.ts';
import type { Prepared } from '../pipeline/prepare.ts';
import { Comparison } from '../reconcile/comparison.ts';
import { conditionsOf, unitsWhere } from './letter-groups.ts';

/**
 * The run with what a retry that died in a write has written of the rows that were in that write: so that its rollback tells them from what others
 * write, to the row. Reads only. `sameRules` says whether the rules are still those of that retry; else a row counts by its key alone.
 */
export async function settleRetry(
  run: EtlRun,
  { prepared, writers, sameRules }: { prepared: Prepared; writers: readonly SinkWriter[]; sameRules: boolean },
): Promise<EtlRun> {
  if (!run.retrying) return run;
  const { targets } = prepared;
  const written = targets.map(() => 0);
  const flow = prepared.flows[run.retrying.flow]!;
  const groups = run.retrying.keys.map((key) => ({ key, letters: [] }));
  for await (const unit of unitsWhere(flow, conditionsOf(groups, flow.scan.description.key))) {
    const { outputs } = encodeUnit(unit, flow, targets, writers);
    for (const [branch, { target }] of flow.branches.entries()) {
      const { batch } = outputs[branch]!;
      if (batchSize(batch) === 0) continue;
      const comparison = new Comparison(targets[target]!.key, false);
      comparison.add(batch, await writers[target]!.lookup(batch), () => false);
      const { expected, missing, different } = comparison;
      written[target]! += expected.count - missing - (sameRules ? different : 0);
    }
  }
  const { retrying: _settled, ...rest } = run;
  return {
    ...rest,
    targets: run.targets.map((target, index) => ({
      ...target,
      // Rows that many source rows share may be there from before: never more than the retry had in hand.
      rows_loaded: (target.rows_loaded ?? 0) + Math.min(written[index]!, target.rows_retried),
      rows_retried: 0,
    })),
  };
}
