import type { EtlRollbackReport } from '@polyshift/etl';
import { countOf, durationText } from './quantities.ts';

/** What a rollback has done. */
export function renderEtlRollback(report: EtlRollbackReport): string {
  const now = { absent: 'is gone again', empty: 'is empty again', filled: 'is as it was before' };
  const targets = report.targets.map(({ collection, before }) => `${collection} ${now[before]}`);
  const lines = [
    `${report.spec}: ${countOf(report.rows_loaded, 'row')} taken back in ${durationText(report.duration_ms)} from ${report.target}; ${targets.join(', ')}.`,
  ];
  if (report.earlier_loads > 0) {
    lines.push(
      `${countOf(report.earlier_loads, 'earlier load')} of the spec still in place; another rollback takes back the newest of them.`,
    );
  }
  return lines.join('\n');
}
