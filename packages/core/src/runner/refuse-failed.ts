import type { Check } from '../checks/check.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';

/** Throws CHECK_FAILED when a check has failed; `moment` says when, for people. */
export function refuseFailed(checks: readonly Check[], moment: string): void {
  const failed = checks.filter((check) => check.status === 'FAILED');
  const [first] = failed;
  if (!first) return;
  throw new PolyshiftError('CHECK_FAILED', `${moment}: ${failed.map((check) => `${check.check}: ${check.message}`).join('; ')}`, {
    hint: failed
      .map((check) => check.action)
      .filter(Boolean)
      .join(' '),
    data: { checks: failed },
  });
}
