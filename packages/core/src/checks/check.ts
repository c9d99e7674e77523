import type { JsonObject } from '../value/json.ts';

/** How a check ended: FAILED stops the run, WARNING is shown, PASS is kept in the report. */
export type CheckStatus = 'FAILED' | 'WARNING' | 'PASS';

/** The result of one check, before or after an operation. */
export interface Check {
  /** What was checked, snake_case: `duplicates`, `null_values`, `orphans`, `row_count`, `field_present`. */
  readonly check: string;
  readonly status: CheckStatus;
  /** What was found, with numbers and examples. */
  readonly message: string;
  /** What the user can do; empty where it passed. */
  readonly action: string;
  /** The facts: counts, examples of keys. */
  readonly data?: JsonObject;
}

/** A check that passed. */
export function pass(check: string, message: string, data?: JsonObject): Check {
  return { check, status: 'PASS', message, action: '', ...(data ? { data } : {}) };
}

/** A check that failed: the run stops and goes back. */
export function fail(check: string, message: string, action: string, data?: JsonObject): Check {
  return { check, status: 'FAILED', message, action, ...(data ? { data } : {}) };
}

/** A check that found something to know about. */
export function warn(check: string, message: string, action: string, data?: JsonObject): Check {
  return { check, status: 'WARNING', message, action, ...(data ? { data } : {}) };
}

/** The check that fits a condition. */
export function checkThat(
  holds: boolean,
  check: string,
  messages: { pass: string; fail: string; action: string },
  data?: JsonObject,
): Check {
  return holds ? pass(check, messages.pass, data) : fail(check, messages.fail, messages.action, data);
}
