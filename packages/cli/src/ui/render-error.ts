import { type Check, errorEntries, type PolyshiftError } from '@polyshift/core';
import type { Colours } from './output.ts';
import { renderChecks } from './render-checks.ts';

/** One block: number, code and message, then the place, the failed checks, and what to do. */
export function renderError(error: PolyshiftError, colours: Colours): string {
  const head = `${colours.bold(colours.red('error'))} ${colours.bold(error.number)} ${error.code.toLowerCase()}:`;
  const checks = error.code === 'CHECK_FAILED' ? checksOf(error) : [];
  const lines = [`${head} ${error.message.split('\n').join('\n  ')}`];
  if (error.place?.file || error.place?.path) lines.push(`  ${colours.dim('at')}   ${placeText(error)}`);
  if (checks.length > 0) lines.push(renderChecks(checks, colours, '  '));
  // The checks show their actions; what else there is to do stands behind them.
  const hint = waysOn(error, checks);
  if (hint) lines.push(`  ${colours.cyan('hint')} ${hint.split('\n').join('\n       ')}`);
  return lines.join('\n');
}

function waysOn({ hint, code }: PolyshiftError, checks: readonly Check[]): string {
  if (checks.length === 0) return hint ?? errorEntries[code].action;
  return checks.reduce((rest, { action }) => (action ? rest.replace(action, '') : rest), hint ?? '').trim();
}

function placeText({ place }: PolyshiftError): string {
  const position = place?.line === undefined ? '' : `:${place.line}${place.column === undefined ? '' : `:${place.column}`}`;
  const file = place?.file ? `${place.file}${position}` : '';
  return [file, place?.path].filter(Boolean).join('  ');
}

function checksOf(error: PolyshiftError): readonly Check[] {
  const checks = error.data?.['checks'];
  return Array.isArray(checks) ? (checks as Check[]) : [];
}
