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
  else lines.push(`  ${colours.cyan('hint')} ${(error.hint ?? errorEntries[error.code].action).split('\n').join('\n       ')}`);
  return lines.join('\n');
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
