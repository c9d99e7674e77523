import { PolyshiftError } from '../errors/polyshift-error.ts';
import { stepsOf } from '../journal/step-key.ts';
import { checkOperation } from '../migration/parse-operation.ts';
import { sameVersion } from '../migration/version.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';
import { Step } from './step.ts';

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
    let count = 0;
    const records = await stepsOf(run.session.journal, record.version);
    for (const step of records.filter((each) => each.undo_kept)) {
      const operation = checkOperation(step.operation);
      const name = {
        version: record.version,
        name: record.name,
        step: step.index,
        steps: records.length,
        type: operation.type,
        collection: operation.collection,
      };
      await run.guard();
      await new Step(run, name, operation, step).discard();
      count++;
    }
    return { version: record.version, steps: count };
  });
}
