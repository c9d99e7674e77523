import { PolyshiftError } from '../errors/polyshift-error.ts';
import { checkFiles } from '../journal/check-files.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';
import { openVersion, versionOpen } from '../versions/open-version.ts';
import { handlerOf } from './handlers.ts';
import { applyMigration, revertMigration } from './migration-run.ts';
import { inForm } from './operations-of.ts';
import type { MigrationReport, RunReport } from './reports.ts';
import { keepLimits } from './retention.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { keepSnapshot } from './snapshot.ts';

/** Which migrations `up` and `plan` take. */
export interface UpRequest {
  /** The last version to apply; all pending ones where missing. */
  readonly to?: string | undefined;
  /** Every migration in its online form: see `Migration.online`. */
  readonly online?: boolean | undefined;
}

/**
 * Applies the pending migrations in order, after finishing what a dead run has left half done. Each one is checked, prepared, executed
 * and verified operation by operation; one that fails is taken back, and the error thrown. It ends behind one that leaves two versions of a collection in
 * use: the rest stays pending until one of them has ended.
 *
 * @throws PolyshiftError LOCKED, VERSION_OPEN, ONLINE_REFUSED, CHECKSUM_CHANGED, MIGRATION_MISSING, OUT_OF_ORDER, VERSION_UNKNOWN, UNSUPPORTED_OPERATION before anything is
 * changed; CHECK_FAILED and the store's errors after the migration was taken back; CONNECTION_LOST, STOPPED and others with exit code 5
 * when a second `up` will resume.
 */
export async function up(options: RunnerOptions, request: UpRequest = {}): Promise<RunReport> {
  const last = request.to === undefined ? undefined : findVersion(options.migrations, request.to);
  return Run.hold(options, 'up', async (run) => {
    await checkFiles(options.session.journal, run.history, options.migrations);
    const from = run.history.currentVersion;
    const migrations: MigrationReport[] = [];
    for (const record of run.history.unfinished.filter((each) => each.state === 'rolling_back')) {
      migrations.push(
        await revertMigration(
          run,
          record,
          options.migrations.find((each) => sameVersion(each.version, record.version)),
        ),
      );
    }
    const files = pendingUpTo(run.history.pending(options.migrations), last);
    refuseOverHalf(run, files);
    const open = await openVersion(options.session.journal, run.history);
    if (open && files.length > 0) throw versionOpen(open.version, `version ${files[0]!.version} cannot be applied`);
    const pending: Migration[] = [];
    for (const file of files) pending.push(await inForm(options.session.journal, run.history, file, request.online ?? false));
    for (const migration of pending) for (const operation of migration.operations) handlerOf(options.session, operation);
    for (const migration of pending) {
      await run.guard();
      migrations.push(await applyMigration(run, migration).catch(keepSnapshotAndThrow(run)));
      if (migration.operations.some(({ type }) => type === 'online_change')) break;
    }
    await keepSnapshot(run);
    const { keep_undo } = options;
    const retention = keep_undo && { retention: await keepLimits(run, keep_undo) };
    return { run_id: run.id, from_version: from, to_version: run.history.currentVersion, migrations, ...retention };
  });
}

/** A migration that failed and was taken back leaves those before it applied: their schema is kept. */
function keepSnapshotAndThrow(run: Run): (error: unknown) => Promise<never> {
  return async (error) => {
    // The reason of the failure matters more than that verify cannot tell what drifts.
    if (run.history.unfinished.length === 0) await keepSnapshot(run).catch(() => undefined);
    throw error;
  };
}

/** Throws UNFINISHED_RUN where versions would be applied over one that stopped part-way and is none of them. */
function refuseOverHalf(run: Run, pending: readonly Migration[]): void {
  const half = run.history.unfinished.find((record) => !pending.some((each) => sameVersion(each.version, record.version)));
  if (!half || pending.length === 0) return;
  throw new PolyshiftError('UNFINISHED_RUN', `version ${half.version} stopped part-way, and nothing is applied over half of it`, {
    hint: 'Finish it by `polyshift up` without --to, or take it back by `polyshift down`.',
  });
}

/** The pending migrations up to a last one. */
export function pendingUpTo(pending: readonly Migration[], last: Migration | undefined): Migration[] {
  return pending.filter((migration) => !last || compareVersions(migration.version, last.version) <= 0);
}

/** The migration of a version as the user wrote it (`2` finds `0002`). Throws VERSION_UNKNOWN. */
export function findVersion(migrations: readonly Migration[], version: string): Migration {
  const found = migrations.find((migration) => sameVersion(migration.version, version));
  if (found) return found;
  throw new PolyshiftError('VERSION_UNKNOWN', `no migration has version ${version}`, {
    hint: migrations.length
      ? `The versions are ${migrations.map((each) => each.version).join(', ')}.`
      : 'There are no migrations yet: `polyshift new NAME` writes one.',
  });
}
