import { type Check, PolyshiftError } from '@polyshift/core';

/** Throws CHECK_FAILED where a check before a load has failed. */
export function refuseFailedBefore(specName: string, checks: readonly Check[]): void {
  const failed = failedOf(checks);
  if (failed.length > 0) throw checkFailed(`"${specName}" was not begun, nothing is written`, failed, actionsOf(failed));
}

/** The error of a load that is in place, but whose checks have failed; undefined where none has. */
export function failedAfter(specName: string, checks: readonly Check[], takenBack: boolean): PolyshiftError | undefined {
  const failed = failedOf(checks);
  if (failed.length === 0) return undefined;
  if (takenBack) return checkFailed(`"${specName}" was loaded and taken back`, failed, actionsOf(failed));
  return checkFailed(
    `"${specName}" is loaded but not done`,
    failed,
    `${actionsOf(failed)} After a correction \`polyshift etl run\` only repeats the checks; \`polyshift etl rollback\` takes the load back.`.trim(),
  );
}

function failedOf(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ status }) => status === 'FAILED');
}

function actionsOf(failed: readonly Check[]): string {
  return [...new Set(failed.map(({ action }) => action))].filter(Boolean).join(' ');
}

function checkFailed(state: string, failed: readonly Check[], hint: string): PolyshiftError {
  const found = failed.map(({ check, message }) => `${check}: ${message}`).join('; ');
  return new PolyshiftError('CHECK_FAILED', `${state}: ${found}`, { hint, data: { checks: failed } });
}
