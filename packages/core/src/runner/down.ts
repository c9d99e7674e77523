import { chooseDown, type DownRequest } from './choose-down.ts';
import { revertMigration } from './migration-run.ts';
import type { MigrationReport, RunReport } from './reports.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { keepSnapshot } from './snapshot.ts';

/**
 * Takes migrations back, newest first, each exactly to what was there before, and those that stopped part-way first.
 *
 * @throws PolyshiftError LOCKED, VERSION_UNKNOWN, VERSION_UNEXPECTED or NOT_REVERSIBLE before anything is changed; WRITTEN_SINCE where going
 * back would lose what the application has written.
 */
export async function down(options: RunnerOptions, request: DownRequest = {}): Promise<RunReport> {
  return Run.hold(options, 'down', async (run) => {
    const from = run.history.currentVersion;
    const chosen = await chooseDown(run.session.journal, run.history, options.migrations, request);
    const migrations: MigrationReport[] = [];
    for (const { record, file } of chosen) {
      await run.guard();
      migrations.push(await revertMigration(run, record, file));
    }
    await keepSnapshot(run);
    return { run_id: run.id, from_version: from, to_version: run.history.currentVersion, migrations };
  });
}
