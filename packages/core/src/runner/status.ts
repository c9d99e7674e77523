import type { StoreSession } from '../adapter/adapter.ts';
import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import { type KeptAside, keptSum } from '../adapter/kept-aside.ts';
import { History } from '../journal/history.ts';
import { allSteps } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';
import { openOf } from '../versions/open-version.ts';
import { newVersion, statusOfOpen } from '../versions/versions-status.ts';
import { keptByEach } from './kept-undo.ts';
import type { MigrationStatus, StatusReport } from './reports.ts';
import { untilOf } from './retention.ts';
import { migrationLock } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';

/** Where the store stands. Reads only; needs no lock. */
export async function status(options: RunnerOptions): Promise<StatusReport> {
  const { session, migrations } = options;
  const history = await History.read(session.journal);
  const stepsOf = history.records.length === 0 ? () => [] : await allSteps(session.journal);
  const keptOf = await keptAside(
    session,
    history.records.flatMap(({ version }) => stepsOf(version)),
  );
  const lines: MigrationStatus[] = history.records.map((record) => {
    const migration = migrations.find((each) => sameVersion(each.version, record.version));
    const steps = stepsOf(record.version);
    return { ...recordStatus(record, migration, steps), ...undoKept(options, record, steps, keptOf) };
  });
  for (const migration of migrations.filter((each) => !history.of(each.version))) lines.push(pendingStatus(migration));
  const { lastApplied } = history;
  const versions = await statusOfOpen(session, lastApplied && openOf(lastApplied.version, stepsOf(lastApplied.version)));
  lines.sort((left, right) => compareVersions(left.version, right.version));
  return {
    server: session.server,
    current_version: history.currentVersion,
    pending: history.pending(migrations).length,
    unfinished: history.unfinished.length > 0,
    migrations: lines,
    kept: keptSum(lines.flatMap(({ kept }) => kept ?? [])),
    keep_undo: options.keep_undo ?? null,
    amendments: history.amendments,
    lock: (await session.locks.read(migrationLock)) ?? null,
    versions,
    new_version: versions && newVersion(versions),
  };
}

/** What each step that is kept for the way back has aside; all of them by one question where the store takes it. */
async function keptAside(session: StoreSession, steps: readonly StepRecord[]): Promise<ReadonlyMap<StepRecord, KeptAside>> {
  const keeping = steps.filter((step) => step.undo_kept);
  const found = await keptByEach(session, keeping);
  return new Map(keeping.map((step, index) => [step, found[index]!]));
}

function undoKept(
  { keep_undo }: RunnerOptions,
  record: HistoryRecord,
  steps: readonly StepRecord[],
  keptOf: ReadonlyMap<StepRecord, KeptAside>,
): Pick<MigrationStatus, 'kept' | 'undo_until'> {
  if (!steps.some((step) => step.undo_kept)) return { kept: null, undo_until: null };
  const ages = record.state === 'applied' && keep_undo?.age_ms !== undefined;
  return {
    kept: keptSum(steps.flatMap((step) => keptOf.get(step) ?? [])),
    undo_until: ages ? new Date(untilOf(record, keep_undo.age_ms!)).toISOString() : null,
  };
}

function recordStatus(
  record: HistoryRecord,
  migration: Migration | undefined,
  steps: readonly StepRecord[],
): Omit<MigrationStatus, 'kept' | 'undo_until'> {
  const open = steps.find((step) => step.state !== 'done' && step.state !== 'rolled_back');
  return {
    version: record.version,
    name: record.name,
    state: record.state,
    applied_at: record.applied_at,
    duration_ms: record.duration_ms,
    steps_done: record.steps_done,
    steps_total: record.steps_total,
    ...(open ? progressOf(open) : {}),
    undo: undoOf(record, migration, steps),
    file: !migration ? 'missing' : migration.checksum === record.checksum ? 'ok' : 'changed',
    error: record.error,
  };
}

/** How far a step is that is not finished, as the journal has it. */
function progressOf({ state, rows_done, rows_total, started_at }: StepRecord): Partial<MigrationStatus> {
  const known = { rows_done, rows_total };
  if (state === 'executed') return { ...known, phase: 'proof' };
  if (state === 'rolling_back') return { ...known, phase: 'rollback' };
  if (rows_done === 0) return { ...known, phase: 'begin' };
  const rate = (rows_done * 1000) / Math.max(1, Date.now() - Date.parse(started_at));
  const left = rows_total === null ? {} : { eta_seconds: Math.max(0, rows_total - rows_done) / rate };
  return { ...known, phase: 'batches', rate, ...left };
}

function undoOf(record: HistoryRecord, migration: Migration | undefined, steps: readonly StepRecord[]): MigrationStatus['undo'] {
  if (record.state === 'rolled_back' || record.state === 'failed') return 'not_applied';
  if (migration?.down) return 'script';
  // A baseline: nothing was run, so there is nothing to take back.
  if (steps.length === 0 && record.state === 'applied') return 'none';
  const final = steps.filter((step) => step.state === 'done' && (!step.undo_kept || step.finalizing));
  if (final.length > 0) return steps.some((step) => step.undo_kept) ? 'finalizing' : 'finalized';
  const scripts = steps.filter((step) => step.operation['type'] === 'run_sql');
  if (scripts.length === 0) return 'exact';
  return scripts.every((step) => (step.operation['data'] as { down?: string }).down) ? 'script' : 'none';
}

function pendingStatus(migration: Migration): MigrationStatus {
  return {
    version: migration.version,
    name: migration.name,
    state: 'pending',
    applied_at: null,
    duration_ms: null,
    steps_done: 0,
    steps_total: migration.operations.length,
    undo: 'not_applied',
    kept: null,
    undo_until: null,
    file: 'ok',
    error: null,
  };
}
