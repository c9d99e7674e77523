import { journalFormat } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { type Amendment, keepAmendment } from '../journal/amendments.ts';
import { compareVersions } from '../migration/version.ts';
import { requireReason } from './repair.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { keepSnapshot } from './snapshot.ts';
import { findVersion } from './up.ts';

/** Up to where the store is already, and why that is known. */
export interface BaselineRequest {
  readonly version: string;
  readonly reason: string;
}

/**
 * Takes an existing store under version control: the migrations up to a version are written into the history as applied, without running them.
 * `down` refuses them, since there is nothing to take back. Only where the history has none of them yet.
 *
 * @throws PolyshiftError VERSION_UNKNOWN, ALREADY_EXISTS where the history has a version up to there, USAGE without a reason, LOCKED
 */
export async function baseline(options: RunnerOptions, request: BaselineRequest): Promise<Amendment[]> {
  const reason = requireReason(request.reason);
  const last = findVersion(options.migrations, request.version);
  return Run.hold(options, 'baseline', async (run) => {
    const chosen = options.migrations.filter((migration) => compareVersions(migration.version, last.version) <= 0);
    const standing = run.history.records.find((record) => record.state !== 'rolled_back' && record.state !== 'failed');
    if (standing) {
      throw new PolyshiftError(
        'ALREADY_EXISTS',
        `the history has version ${standing.version} already, which is ${standing.state}`,
        {
          hint: 'A baseline is for a store that polyshift has not migrated yet; `polyshift status` shows its history.',
        },
      );
    }
    const amendments: Amendment[] = [];
    for (const migration of chosen) {
      await run.begin(migration.version);
      const at = new Date().toISOString();
      const amendment: Amendment = {
        kind: 'baseline',
        version: migration.version,
        name: migration.name,
        was: null,
        is: migration.checksum,
        reason,
        at,
        run_id: run.id,
      };
      await keepAmendment(run.session.journal, amendment, run.fence);
      await run.putHistory({
        version: migration.version,
        name: migration.name,
        checksum: migration.checksum,
        state: 'applied',
        is_running: false,
        started_at: at,
        applied_at: at,
        duration_ms: 0,
        run_id: run.id,
        steps_done: migration.operations.length,
        steps_total: migration.operations.length,
        error: null,
        rank: run.history.nextRank,
        format: journalFormat,
      });
      amendments.push(amendment);
    }
    await keepSnapshot(run);
    return amendments;
  });
}
