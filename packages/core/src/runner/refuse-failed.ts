import type { Check } from '../checks/check.ts';
import { checksFailed, failedOf } from '../checks/checks-failed.ts';

/** Throws CHECK_FAILED when a check has failed; `moment` says when, for people. */
export function refuseFailed(checks: readonly Check[], moment: string): void {
  const failed = failedOf(checks);
  if (failed.length === 0) return;
  const actions = failed.map(({ action }) => action).filter(Boolean);
  throw checksFailed(moment, failed, actions.join(' '));
}
