import type { Check, CheckStatus } from '@polyshift/core';
import type { Colours } from './output.ts';

/** Checks, one a line: status, name and message, and below it what to do where there is something. */
export function renderChecks(checks: readonly Check[], colours: Colours, indent = ''): string {
  const width = Math.max(0, ...checks.map(({ check }) => check.length));
  return checks
    .flatMap(({ check, status, message, action }) => {
      const line = `${indent}${statusMark(status, colours)} ${check.padEnd(width)}  ${message}`;
      return action ? [line, `${indent}        ${' '.repeat(width)}  ${colours.cyan('→')} ${action}`] : [line];
    })
    .join('\n');
}

function statusMark(status: CheckStatus, colours: Colours): string {
  switch (status) {
    case 'FAILED':
      return colours.red('FAILED ');
    case 'WARNING':
      return colours.yellow('WARNING');
    case 'PASS':
      return colours.green('PASS   ');
  }
}
