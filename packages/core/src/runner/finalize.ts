import type { HistoryRecord } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { stepsOf } from '../journal/step-key.ts';
import { leavesTwoVersions } from '../versions/open-version.ts';
import { readTraffic } from '../versions/traffic.ts';
import type { FinalizeReport } from './finalize-report.ts';
import { finalizeVersion } from './finalize-version.ts';
import { finalizeOlder } from './retention.ts';
import { Run } from './run.ts';
import type { RunnerOptions } from './runner-options.ts';

/** Which versions `finalize` makes final: one, or all that were applied longer ago than so many milliseconds. */
export type FinalizeRequest =
  | {
      readonly version: string;
      /**
       * The caller knows that no application uses the old version of a collection any more, although `switch` was not told so. Default false: where two
       * versions are in use, their writes must have moved to the new one.
       */
      readonly old_version_ended?: boolean;
    }
  | { readonly older_than_ms: number };

/**
 * Deletes what is kept aside for the rollback of applied migrations: dropped fields and tables, before-images. Each of their operations is proven again
 * before that, in this run. After it `down` refuses these versions. One that was stopped in the middle is finished by the next call.
 *
 * @throws PolyshiftError VERSION_UNKNOWN where the version is not applied, VERSION_OPEN where writes are still with the old version of a collection, UNFINISHED_RUN where it stopped part-way, CHECK_FAILED where the proof of the one that is
 * named fails (nothing is deleted then; of several by age the others go on, and the report tells), LOCKED where a run is at work
 */
export async function finalize(options: RunnerOptions, request: FinalizeRequest): Promise<FinalizeReport> {
  return Run.hold(options, 'finalize', async (run) => {
    if ('older_than_ms' in request) return finalizeOlder(run, request.older_than_ms, 'asked');
    const record = appliedRecord(run, request.version);
    if (!request.old_version_ended) await refuseUnswitched(run, record);
    const finalized = await finalizeVersion(run, record, 'asked');
    return { finalized: [finalized], kept: [] };
  });
}

function appliedRecord(run: Run, version: string): HistoryRecord {
  const record = run.history.of(version);
  if (record?.state === 'applied') return record;
  if (record?.state === 'running' || record?.state === 'rolling_back') {
    throw new PolyshiftError(
      'UNFINISHED_RUN',
      `version ${record.version} stopped part-way ${record.state === 'running' ? 'on its way up' : 'on its way back'}: what it keeps aside is needed to end it`,
      { hint: 'Finish it by `polyshift up` or take it back by `polyshift down` first; `polyshift doctor` explains it.' },
    );
  }
  throw new PolyshiftError('VERSION_UNKNOWN', `version ${version} is not applied`, {
    hint: '`polyshift status` lists the versions.',
  });
}

/** Throws VERSION_OPEN while the applications are to write the old version of a collection, which finalizing would end. */
async function refuseUnswitched(run: Run, { version }: HistoryRecord): Promise<void> {
  const steps = (await stepsOf(run.session.journal, version)).filter(leavesTwoVersions);
  if (steps.length === 0 || steps.some((step) => step.finalizing)) return;
  const { writes } = await readTraffic(run.session.journal, version);
  if (writes === 'new') return;
  throw new PolyshiftError('VERSION_OPEN', `version ${version} cannot be made final: writes are still with the old version`, {
    hint: 'Move them by `polyshift switch reads` and `polyshift switch writes` when the new version of the application is in use, or give --old-version-ended.',
  });
}
