import { type Check, checksFailed, failedOf, type PolyshiftError } from '@polyshift/core';

/** Throws CHECK_FAILED where a check before a load has failed. */
export function refuseFailedBefore(specName: string, checks: readonly Check[]): void {
  const failed = failedOf(checks);
  if (failed.length > 0) throw checksFailed(`"${specName}" was not begun, nothing is written`, failed, actionsOf(failed));
}

/** The error of a load that is in place, but whose checks have failed; undefined where none has. */
export function failedAfter(specName: string, checks: readonly Check[], takenBack: boolean): PolyshiftError | undefined {
  const failed = failedOf(checks);
  if (failed.length === 0) return undefined;
  if (takenBack) return checksFailed(`"${specName}" was loaded and taken back`, failed, actionsOf(failed));
  return checksFailed(
    `"${specName}" is loaded but not done`,
    failed,
    `${actionsOf(failed)} After a correction \`polyshift etl run\` only repeats the checks; \`polyshift etl rollback\` takes the load back.`.trim(),
  );
}

function actionsOf(failed: readonly Check[]): string {
  return [...new Set(failed.map(({ action }) => action))].filter(Boolean).join(' ');
}
