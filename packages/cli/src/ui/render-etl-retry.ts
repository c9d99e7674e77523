import { isAbsolute, relative } from 'node:path';
import type { EtlRetryReport } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countOf, countText, durationText } from './quantities.ts';
import { renderTable } from './table.ts';

/** What a retry of dead letters has done, and examples of those that are left; paths are shown relative to `cwd`. */
export function renderEtlRetry(report: EtlRetryReport, colours: Colours, cwd: string): string {
  const place = isAbsolute(report.dead_letters) ? relative(cwd, report.dead_letters) : report.dead_letters;
  if (report.letters === 0) return `${colours.bold(report.spec)}: there are no dead letters in ${place}.`;
  const left = report.rejected + report.not_found;
  const lines = [
    `${colours.bold(report.spec)}: ${countText(report.loaded)} of ${countOf(report.letters, 'dead letter')} loaded (${countOf(report.rows_written, 'row')} written) in ${durationText(report.duration_ms)}`,
  ];
  if (left === 0) return lines.join('\n');
  lines.push(
    colours.red(
      `${countText(report.rejected)} rejected again, ${countText(report.not_found)} not in the source any more; they stay in ${place}:`,
    ),
    renderTable(
      ['Row', 'Reason'],
      report.left.map(({ source_table, target, key, code, message }) => [
        `${target ?? source_table} ${JSON.stringify(key)}`,
        `${code}: ${message}`,
      ]),
      colours,
    ),
  );
  return lines.join('\n');
}
