import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Check } from './check.ts';

/** Those that have failed. */
export function failedOf(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ status }) => status === 'FAILED');
}

/**
 * The error CHECK_FAILED of checks that have failed.
 *
 * @param state what was done, or not, because of it: it stands before what the checks say
 */
export function checksFailed(state: string, failed: readonly Check[], hint: string): PolyshiftError {
  const found = failed.map(({ check, message }) => `${check}: ${message}`).join('; ');
  return new PolyshiftError('CHECK_FAILED', `${state}: ${found}`, { hint, data: { checks: failed } });
}
