import { type HistoryRecord, journalFormat } from '../adapter/journal-store.ts';
import type { Check } from '../checks/check.ts';
import { runChecks } from '../checks/run-check.ts';
import { isPolyshiftError, PolyshiftError } from '../errors/polyshift-error.ts';
import { downOffset, stepKey, stepsOf } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { checkOperation } from '../migration/parse-operation.ts';
import type { Operation } from '../operation/registry.ts';
import { forgetTraffic } from '../versions/traffic.ts';
import { refuseFailed } from './refuse-failed.ts';
import type { MigrationReport } from './reports.ts';
import type { Run } from './run.ts';
import { isResumable, Step } from './step.ts';

/** Applies a migration, or goes on with one that was begun. On failure it is taken back as far as possible, and the error thrown. */
export async function applyMigration(run: Run, migration: Migration): Promise<MigrationReport> {
  const startedAt = performance.now();
  const before = run.history.of(migration.version);
  const resumed = before?.state === 'running';
  await run.begin(migration.version);
  if (!resumed) await forgetSteps(run, migration.version);
  run.emit({ kind: 'migration_started', version: migration.version, name: migration.name, direction: 'up', resumed });
  let record: HistoryRecord = resumed
    ? { ...before, run_id: run.id, is_running: true, error: null }
    : {
        version: migration.version,
        name: migration.name,
        checksum: migration.checksum,
        state: 'running',
        is_running: true,
        started_at: new Date().toISOString(),
        applied_at: null,
        duration_ms: null,
        run_id: run.id,
        steps_done: 0,
        steps_total: migration.operations.length,
        error: null,
        rank: run.history.nextRank,
        format: journalFormat,
      };
  await run.putHistory(record);
  const checks: Check[] = [];
  try {
    // A run that was stopped before its first operation has changed nothing yet.
    if ((await stepsOf(run.session.journal, migration.version)).length === 0)
      checks.push(...(await checkAround(run, migration, 'before')));
    const steps = await applySteps(run, migration, migration.operations, 0, async (done) => {
      record = { ...record, steps_done: done };
      await run.putHistory(record);
    });
    checks.push(...(await checkAround(run, migration, 'after')));
    const duration = Math.round(performance.now() - startedAt);
    await run.putHistory({
      ...record,
      state: 'applied',
      is_running: false,
      applied_at: new Date().toISOString(),
      duration_ms: duration,
    });
    run.emit({
      kind: 'migration_finished',
      version: migration.version,
      name: migration.name,
      direction: 'up',
      duration_ms: duration,
    });
    return report(migration, 'applied', duration, steps, checks);
  } catch (error) {
    const resumable = isResumable(error);
    run.emit({
      kind: 'migration_failed',
      version: migration.version,
      name: migration.name,
      error: error as Error,
      rolling_back: !resumable,
    });
    if (resumable) throw error;
    await takeBack(run, migration, 'failed', errorText(error));
    throw error;
  }
}

/**
 * Takes a migration back, by its undo records or by its own `down` operations, or goes on with that where a run has left it. A migration
 * that was going back because it had failed ends as `failed`, else as `rolled_back`.
 */
export async function revertMigration(
  run: Run,
  record: HistoryRecord,
  migration: Migration | undefined,
): Promise<MigrationReport> {
  const startedAt = performance.now();
  const resumed = record.state === 'rolling_back';
  await run.begin(record.version);
  run.emit({ kind: 'migration_started', version: record.version, name: record.name, direction: 'down', resumed });
  const down = migration?.down;
  const records = await stepsOf(run.session.journal, record.version);
  const byDown = down && (record.state === 'applied' || records.some((step) => step.index >= downOffset));
  const steps = byDown
    ? await runDown(run, migration, down)
    : await takeBack(run, record, record.error === null ? 'rolled_back' : 'failed', record.error);
  if (steps.some((step) => step.hasVersions)) await forgetTraffic(run.session.journal, record.version, run.fence);
  const duration = Math.round(performance.now() - startedAt);
  run.emit({ kind: 'migration_finished', version: record.version, name: record.name, direction: 'down', duration_ms: duration });
  return report(record, 'rolled_back', duration, steps);
}

/** Runs the `down` operations that a migration brings along; if one fails, those before it are taken back and the migration stays applied. */
async function runDown(run: Run, migration: Migration, down: readonly Operation[]): Promise<Step[]> {
  await run.putHistory({ ...run.history.of(migration.version)!, state: 'rolling_back', is_running: true });
  let steps: Step[];
  try {
    steps = await applySteps(run, migration, down, downOffset, async () => undefined);
  } catch (error) {
    if (isResumable(error)) throw error;
    for (const step of (await journaledSteps(run, migration)).filter((each) => each.name.step >= downOffset).reverse())
      await step.rollback();
    await run.putHistory({ ...run.history.of(migration.version)!, state: 'applied', is_running: false });
    throw error;
  }
  for (const step of await journaledSteps(run, migration)) await step.discard();
  await run.putHistory(ended(run.history.of(migration.version)!, run, 'rolled_back', null));
  return steps;
}

type Named = Pick<Migration, 'version' | 'name'>;

async function applySteps(
  run: Run,
  migration: Named & Pick<Migration, 'operations'>,
  operations: readonly Operation[],
  offset: number,
  onDone: (done: number) => Promise<void>,
): Promise<Step[]> {
  const records = await stepsOf(run.session.journal, migration.version);
  const steps: Step[] = [];
  for (const [position, operation] of operations.entries()) {
    const index = position + offset;
    const name = {
      version: migration.version,
      name: migration.name,
      step: index,
      steps: operations.length,
      type: operation.type,
      collection: operation.collection,
    };
    const step = new Step(
      run,
      name,
      operation,
      records.find((record) => record.index === index),
    );
    steps.push(step);
    await step.apply();
    await onDone(position + 1);
  }
  return steps;
}

/** Rolls the steps of a migration back, newest first, and writes how it ended. A step that cannot go back stops it there. */
async function takeBack(run: Run, migration: Named, end: 'failed' | 'rolled_back', error: string | null): Promise<Step[]> {
  await run.putHistory({ ...run.history.of(migration.version)!, state: 'rolling_back', is_running: true, error });
  const steps = (await journaledSteps(run, migration)).reverse();
  for (const [position, step] of steps.entries()) {
    try {
      await step.rollback();
    } catch (cause) {
      if (end === 'failed' && isPolyshiftError(cause, 'NOT_REVERSIBLE')) {
        // The steps up to here stay done: `up` goes on after them once the reason of the failure is gone.
        await run.putHistory({
          ...run.history.of(migration.version)!,
          state: 'running',
          is_running: false,
          steps_done: steps.length - position,
          error,
        });
        return steps;
      }
      throw cause;
    }
  }
  await run.putHistory(ended(run.history.of(migration.version)!, run, end, error));
  return steps;
}

/** The steps of a migration as the journal has them, in order: the file may have changed or be gone. */
export async function journaledSteps(run: Run, migration: Named): Promise<Step[]> {
  const records = await stepsOf(run.session.journal, migration.version);
  return records.map((record) => {
    const operation = checkOperation(record.operation);
    const name = {
      version: migration.version,
      name: migration.name,
      step: record.index,
      steps: records.length,
      type: operation.type,
      collection: operation.collection,
    };
    return new Step(run, name, operation, record);
  });
}

/** Deletes what earlier, ended runs of a version have left in the journal. */
async function forgetSteps(run: Run, version: string): Promise<void> {
  for (const record of await stepsOf(run.session.journal, version)) {
    if (record.undo_kept)
      throw new PolyshiftError(
        'INTERNAL',
        `step ${stepKey(version, record.index)} still keeps its undo although its migration has ended`,
      );
    await run.session.journal.delete('step', stepKey(version, record.index), run.fence);
  }
}

function ended(record: HistoryRecord, run: Run, state: 'failed' | 'rolled_back', error: string | null): HistoryRecord {
  return { ...record, run_id: run.id, state, is_running: false, steps_done: 0, applied_at: null, error };
}

/** Runs the checks that a migration brings along. Throws CHECK_FAILED. */
async function checkAround(run: Run, migration: Migration, moment: 'before' | 'after'): Promise<Check[]> {
  const definitions = migration.checks?.[moment] ?? [];
  if (definitions.length === 0) return [];
  const checks = await runChecks(run.session, definitions);
  run.emit({ kind: 'migration_checked', version: migration.version, name: migration.name, moment, checks });
  refuseFailed(checks, `${moment} version ${migration.version}`);
  return checks;
}

function report(
  migration: Named,
  outcome: MigrationReport['outcome'],
  duration_ms: number,
  steps: readonly Step[],
  around: readonly Check[] = [],
): MigrationReport {
  return {
    version: migration.version,
    name: migration.name,
    outcome,
    duration_ms,
    rows_done: steps.reduce((sum, step) => sum + step.rowsDone, 0),
    checks: [...around, ...steps.flatMap((step) => step.checks)],
  };
}

function errorText(error: unknown): string {
  return isPolyshiftError(error) ? `${error.number} ${error.code}: ${error.message}` : String(error);
}
