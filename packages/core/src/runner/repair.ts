import { PolyshiftError } from '../errors/polyshift-error.ts';
import { type Amendment, keepAmendment } from '../journal/amendments.ts';
import { type FileProblem, fileProblems } from '../journal/file-problems.ts';
import { stepKey, stepsOf } from '../journal/step-key.ts';
import { sameVersion } from '../migration/version.ts';
import { journaledSteps } from './migration-run.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';

/** Which problems `repair` settles, and why. */
export interface RepairRequest {
  /** The version whose problem is settled; every problem where missing. */
  readonly version?: string | undefined;
  /** Why, for those who read the history later. */
  readonly reason: string;
}

/**
 * Settles what the files and the history of a store do not agree on, in favour of the files: a changed file is accepted, a version without
 * file is struck from the history with what its rollback needs, a late one may be applied. The data of the store is not touched. Every
 * decision is kept with its reason.
 *
 * @throws PolyshiftError USAGE without a reason, VERSION_UNKNOWN where the version has no problem, UNFINISHED_RUN where it stopped part-way, LOCKED
 */
export async function repair(options: RunnerOptions, request: RepairRequest): Promise<Amendment[]> {
  const reason = requireReason(request.reason);
  return Run.hold(options, 'repair', async (run) => {
    const problems = fileProblems(run.history, options.migrations).filter(
      (problem) => request.version === undefined || sameVersion(versionOf(problem), request.version),
    );
    if (request.version !== undefined && problems.length === 0) {
      throw new PolyshiftError('VERSION_UNKNOWN', `there is nothing to repair about version ${request.version}`, {
        hint: '`polyshift doctor` lists what files and history do not agree on.',
      });
    }
    const half = problems.find((problem) => problem.kind !== 'late' && problem.record.state !== 'applied');
    if (half) {
      throw new PolyshiftError('UNFINISHED_RUN', `version ${versionOf(half)} stopped part-way: its file is needed to end it`, {
        hint: 'Put the file back, then finish it by `polyshift up` or take it back by `polyshift down`.',
      });
    }
    const amendments: Amendment[] = [];
    for (const problem of problems) {
      await run.guard();
      const amendment = amendmentOf(problem, reason, run.id);
      // Kept first: whatever stops the repair, the reason of what it has changed is there.
      await keepAmendment(run.session.journal, amendment, run.fence);
      await settle(run, problem);
      amendments.push(amendment);
    }
    return amendments;
  });
}

/** A reason that says something. Throws USAGE. */
export function requireReason(reason: string): string {
  if (reason.trim() !== '') return reason.trim();
  throw new PolyshiftError('USAGE', 'a reason is needed: it is kept in the history for those who read it later', {
    hint: 'Add --reason "...".',
  });
}

async function settle(run: Run, problem: FileProblem): Promise<void> {
  if (problem.kind === 'late') return;
  const { record } = problem;
  if (problem.kind === 'changed') {
    return run.putHistory({ ...record, name: problem.migration.name, checksum: problem.migration.checksum });
  }
  for (const step of await journaledSteps(run, record)) await step.discard();
  for (const { index } of await stepsOf(run.session.journal, record.version)) {
    await run.session.journal.delete('step', stepKey(record.version, index), run.fence);
  }
  await run.deleteHistory(record.version);
}

function amendmentOf(problem: FileProblem, reason: string, run_id: string): Amendment {
  const kinds = { changed: 'checksum', missing: 'forgotten', late: 'order' } as const;
  return {
    kind: kinds[problem.kind],
    version: versionOf(problem),
    name: problem.kind === 'missing' ? problem.record.name : problem.migration.name,
    was: problem.kind === 'late' ? null : problem.record.checksum,
    is: problem.kind === 'missing' ? null : problem.migration.checksum,
    reason,
    at: new Date().toISOString(),
    run_id,
  };
}

function versionOf(problem: FileProblem): string {
  return problem.kind === 'missing'
    ? problem.record.version
    : problem.kind === 'changed'
      ? problem.record.version
      : problem.migration.version;
}
