import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import { keptSum } from '../adapter/kept-aside.ts';
import { forgetTraffic } from '../versions/traffic.ts';
import { laterSteps, proveStep, type StepProof } from './finalize-proof.ts';
import type { FinalizedMigration, FinalizeReason } from './finalize-report.ts';
import { journaledSteps } from './migration-run.ts';
import { refuseFailed } from './refuse-failed.ts';
import type { Run } from './run.ts';
import { keepSnapshot } from './snapshot.ts';

/**
 * Deletes what is kept for the rollback of an applied version, after each of its operations has been proven in this run. A finalize that was stopped
 * in the middle is finished by calling it again.
 *
 * @throws PolyshiftError CHECK_FAILED before anything is deleted, where a proof fails
 */
export async function finalizeVersion(run: Run, record: HistoryRecord, reason: FinalizeReason): Promise<FinalizedMigration> {
  await run.begin(record.version);
  const kept = (await journaledSteps(run, record)).filter((step) => step.undoKept);
  const all: StepRecord[] = kept.length === 0 ? [] : await run.session.journal.list('step');
  const proofs: StepProof[] = [];
  for (const step of kept) {
    await run.guard();
    const own = all.find((each) => each.version === record.version && each.index === step.name.step)!;
    proofs.push(await proveStep(step, own, laterSteps(run, record, all, own)));
  }
  refuseFailed(
    proofs.flatMap(({ operation }) => operation.checks),
    `version ${record.version} cannot be made final`,
  );
  await run.fault('finalize.proven');
  for (const step of kept) {
    await run.guard();
    await step.finalize();
  }
  if (kept.some((step) => step.hasVersions)) {
    await forgetTraffic(run.session.journal, record.version, run.fence);
    // The collections are another version than the one that the last run has kept.
    await keepSnapshot(run);
  }
  const migration: FinalizedMigration = {
    version: record.version,
    name: record.name,
    reason,
    steps: kept.length,
    ...keptSum(proofs.map(({ kept: each }) => each)),
    operations: proofs.map(({ operation }) => operation),
  };
  if (kept.length > 0) run.emit({ kind: 'finalized', migration });
  return migration;
}
