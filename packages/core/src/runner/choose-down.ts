import type { HistoryRecord, JournalStore } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { History } from '../journal/history.ts';
import { downOffset, stepsOf } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';

/** How far `down` goes. */
export interface DownRequest {
  /** Versions above this one are taken back; `0` takes all back. */
  readonly to?: string | undefined;
  /** How many migrations to take back; default 1 where `to` is missing too. One that stopped part-way counts. */
  readonly steps?: number | undefined;
  /** Refuses with VERSION_UNEXPECTED unless this is the newest applied version. */
  readonly expect_current?: string | undefined;
}

/** A migration that goes back, with its file where there is one. */
export interface DownChoice {
  readonly record: HistoryRecord;
  readonly file: Migration | undefined;
}

/**
 * The migrations that a request takes back, the last applied first.
 *
 * @throws PolyshiftError VERSION_UNKNOWN, VERSION_UNEXPECTED, or NOT_REVERSIBLE where one of them cannot go back.
 */
export async function chooseDown(
  journal: JournalStore,
  history: History,
  migrations: readonly Migration[],
  request: DownRequest,
): Promise<DownChoice[]> {
  const current = history.currentVersion;
  if (request.expect_current !== undefined && !(current !== null && sameVersion(current, request.expect_current))) {
    throw new PolyshiftError('VERSION_UNEXPECTED', `the current version is ${current ?? 'none'}, not ${request.expect_current}`);
  }
  const chosen = standing(history, request).map((record) => ({
    record,
    file: migrations.find((migration) => sameVersion(migration.version, record.version)),
  }));
  for (const choice of chosen) await refuseIrreversible(journal, choice);
  return chosen;
}

function standing(history: History, request: DownRequest): HistoryRecord[] {
  // The last applied first: a version that came late has built on those after it.
  const records = history.records
    .filter((record) => record.state !== 'rolled_back' && record.state !== 'failed')
    .sort((left, right) => right.rank - left.rank);
  const { to } = request;
  if (to === undefined) return records.slice(0, request.steps ?? 1);
  if (to !== '0' && !history.records.some((record) => sameVersion(record.version, to))) {
    throw new PolyshiftError('VERSION_UNKNOWN', `version ${to} is not in the history of this store`, {
      hint: `The history has ${history.records.map((record) => record.version).join(', ') || 'no version'}; 0 takes all back.`,
    });
  }
  return records.filter((record) => compareVersions(record.version, to) > 0);
}

/** Finds out, before anything is taken back, whether all of it can be. */
async function refuseIrreversible(journal: JournalStore, { record, file }: DownChoice): Promise<void> {
  if (file?.down) return;
  const steps = await stepsOf(journal, record.version);
  if (steps.length === 0 && record.state === 'applied') {
    throw new PolyshiftError('NOT_REVERSIBLE', `version ${record.version} was there before polyshift: it was never run by it`, {
      hint: 'Write a new migration for the way back.',
    });
  }
  for (const step of steps) {
    if (step.state === 'rolled_back' || step.index >= downOffset) continue;
    if ((!step.undo_kept || step.finalizing) && step.state !== 'rolling_back') {
      const rest = steps.some((each) => each.undo_kept) ? ` \`polyshift finalize ${record.version}\` deletes the rest.` : '';
      throw new PolyshiftError('NOT_REVERSIBLE', `version ${record.version} was finalized: what its rollback needs is gone`, {
        hint: `Write a new migration for the way back.${rest}`,
      });
    }
    const data = step.operation['data'] as { down?: string } | undefined;
    if (step.operation['type'] === 'run_sql' && !data?.down && step.state !== 'prepared') {
      throw new PolyshiftError('NOT_REVERSIBLE', `version ${record.version} has SQL without a down script`, {
        hint: `Nothing was rolled back. Write a new migration for the way back; for the next one write its .down.sql beside it.`,
      });
    }
  }
}
