import type { HistoryRecord } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { History } from '../journal/history.ts';
import { downOffset, stepsOf } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';
import { revertMigration } from './migration-run.ts';
import type { MigrationReport, RunReport } from './reports.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { keepSnapshot } from './snapshot.ts';

/** How far `down` goes. */
export interface DownRequest {
  /** Versions above this one are taken back; `0` takes all back. */
  readonly to?: string | undefined;
  /** How many migrations to take back; default 1 where `to` is missing too. One that stopped part-way counts. */
  readonly steps?: number | undefined;
  /** Refuses with VERSION_UNEXPECTED unless this is the newest applied version. */
  readonly expect_current?: string | undefined;
}

/**
 * Takes migrations back, newest first, each exactly to what was there before, and those that stopped part-way first.
 *
 * @throws PolyshiftError LOCKED, VERSION_UNKNOWN, VERSION_UNEXPECTED or NOT_REVERSIBLE before anything is changed; WRITTEN_SINCE where going
 * back would lose what the application has written.
 */
export async function down(options: RunnerOptions, request: DownRequest = {}): Promise<RunReport> {
  return Run.hold(options, 'down', async (run) => {
    const from = run.history.currentVersion;
    if (request.expect_current !== undefined && !(from !== null && sameVersion(from, request.expect_current))) {
      throw new PolyshiftError('VERSION_UNEXPECTED', `the current version is ${from ?? 'none'}, not ${request.expect_current}`);
    }
    const fileOf = (record: HistoryRecord) =>
      options.migrations.find((migration) => sameVersion(migration.version, record.version));
    const chosen = choose(run.history, request);
    for (const record of chosen) await refuseIrreversible(run, record, fileOf(record));
    const migrations: MigrationReport[] = [];
    for (const record of chosen) {
      await run.guard();
      migrations.push(await revertMigration(run, record, fileOf(record)));
    }
    await keepSnapshot(run);
    return { run_id: run.id, from_version: from, to_version: run.history.currentVersion, migrations };
  });
}

function choose(history: History, request: DownRequest): HistoryRecord[] {
  const standing = history.records.filter((record) => record.state !== 'rolled_back' && record.state !== 'failed').reverse();
  const { to } = request;
  if (to === undefined) return standing.slice(0, request.steps ?? 1);
  if (to !== '0' && !history.records.some((record) => sameVersion(record.version, to))) {
    throw new PolyshiftError('VERSION_UNKNOWN', `version ${to} is not in the history of this store`, {
      hint: `The history has ${history.records.map((record) => record.version).join(', ') || 'no version'}; 0 takes all back.`,
    });
  }
  return standing.filter((record) => compareVersions(record.version, to) > 0);
}

/** Finds out, before anything is taken back, whether all of it can be. */
async function refuseIrreversible(run: Run, record: HistoryRecord, migration: Migration | undefined): Promise<void> {
  if (migration?.down) return;
  const steps = await stepsOf(run.session.journal, record.version);
  if (steps.length === 0 && record.state === 'applied') {
    throw new PolyshiftError('NOT_REVERSIBLE', `version ${record.version} was there before polyshift: it was never run by it`, {
      hint: 'Write a new migration for the way back.',
    });
  }
  for (const step of steps) {
    if (step.state === 'rolled_back' || step.index >= downOffset) continue;
    if (!step.undo_kept && step.state !== 'rolling_back') {
      throw new PolyshiftError('NOT_REVERSIBLE', `version ${record.version} was finalized: what its rollback needs is gone`, {
        hint: 'Write a new migration for the way back.',
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
