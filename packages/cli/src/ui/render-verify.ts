import type { Check, VerifyReport } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf } from './quantities.ts';
import { renderChecks } from './render-checks.ts';

/** The checks, and what they come to. */
export function renderVerify({ checks, ok }: VerifyReport, colours: Colours): string {
  return [renderChecks(checks, colours), '', checksSummary(checks, ok, colours)].join('\n');
}

/** What checks come to, in one line. */
export function checksSummary(checks: readonly Check[], ok: boolean, colours: Colours): string {
  const failed = checks.filter(({ status }) => status === 'FAILED').length;
  const warnings = checks.filter(({ status }) => status === 'WARNING').length;
  const counts = `${countOf(checks.length, 'check')}, ${failed} failed, ${countOf(warnings, 'warning')}`;
  return ok ? colours.green(`Verified: ${counts}.`) : colours.red(`Not as it should be: ${counts}.`);
}
