import { PolyshiftError } from '../errors/polyshift-error.ts';
import { sameVersion } from '../migration/version.ts';
import { journaledSteps } from './migration-run.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';

/**
 * Deletes what is kept aside for the rollback of an applied migration: dropped fields and tables, before-images. After it
 * `down` refuses that version.
 *
 * @throws PolyshiftError VERSION_UNKNOWN where the version is not applied, LOCKED where a run is at work
 */
export async function finalize(options: RunnerOptions, version: string): Promise<{ version: string; steps: number }> {
  return Run.hold(options, 'finalize', async (run) => {
    const record = run.history.applied.find((each) => sameVersion(each.version, version));
    if (!record)
      throw new PolyshiftError('VERSION_UNKNOWN', `version ${version} is not applied`, {
        hint: '`polyshift status` lists the versions.',
      });
    await run.begin(record.version);
    const kept = (await journaledSteps(run, record)).filter((step) => step.undoKept);
    for (const step of kept) {
      await run.guard();
      await step.discard();
    }
    return { version: record.version, steps: kept.length };
  });
}
