import { relative } from 'node:path';
import type { EtlRunReport } from '@polyshift/etl';
import type { Colours } from './output.ts';
import { countOf, countText, durationText, rateText } from './quantities.ts';
import { renderChecks } from './render-checks.ts';
import { renderTable } from './table.ts';

/** What a run has done: rows and time per step, what the target could not hold exactly, and what was rejected; paths are shown relative to `cwd`. */
export function renderEtlRun(report: EtlRunReport, colours: Colours, cwd: string): string {
  const lines = [headline(report, colours)];
  if (report.outcome === 'done') lines.push('', stepTable(report, colours));
  lines.push('', ...rowLines(report, colours, cwd));
  if (report.losses.length > 0) lines.push('', lossTable(report, colours));
  if (report.checks.length > 0) lines.push('', renderChecks(report.checks, colours));
  if (report.notes.length > 0) lines.push('', ...report.notes);
  return lines.join('\n');
}

function headline(report: EtlRunReport, colours: Colours): string {
  const move = `${colours.bold(report.spec)}: ${report.source} → ${report.target}`;
  if (report.outcome === 'already_done') return `${move}, loaded already on ${report.finished_at}; nothing was changed`;
  const resumed = report.resumed ? ', after going on where an earlier run stopped' : '';
  return `${move}, ${colours.green('done')} in ${durationText(report.duration_ms)} (${rateText(report.rows_per_second)})${resumed}`;
}

/** The steps work at the same time: what each waited or worked is no part of a sum. Threads and workers tell no times. */
function stepTable({ steps: { extract, transform, load }, targets }: EtlRunReport, colours: Colours): string {
  const size = targets[0]?.batch_size ?? null;
  const rowsOfWrite = size === null || load.writes === 0 ? undefined : `${countText(size)} rows each at the end`;
  const waited = extract.waited_ms === null ? '' : `${durationText(extract.waited_ms)} waiting for the source`;
  const atWork = (busy_ms: number | null) => (busy_ms === null ? '' : `${durationText(busy_ms)} at work`);
  const writes =
    load.writes === null
      ? rowsOfWrite && `writes of ${rowsOfWrite}`
      : [countOf(load.writes, 'write'), rowsOfWrite].filter(Boolean).join(', ');
  const rows = [
    ['extract', countText(extract.rows), waited],
    ['transform', countText(transform.rows), atWork(transform.busy_ms)],
    ['load', countText(load.rows), [atWork(load.busy_ms), writes].filter(Boolean).join(' over ')],
  ];
  return renderTable(['Step', 'Rows', 'Time'], rows, colours, [1]);
}

function rowLines(report: EtlRunReport, colours: Colours, cwd: string): string[] {
  const parts = [
    `${countText(report.rows_read)} read`,
    `${countText(report.rows_inserted)} inserted`,
    ...(report.rows_replaced > 0 ? [`${countText(report.rows_replaced)} replaced`] : []),
    ...(report.rows_already_there > 0 ? [`${countText(report.rows_already_there)} there already`] : []),
    ...(report.rows_left_out > 0 ? [`${countText(report.rows_left_out)} taken by no load`] : []),
    report.rows_rejected > 0 ? colours.red(`${countText(report.rows_rejected)} rejected`) : '0 rejected',
  ];
  const lines = [`Rows: ${parts.join(', ')}.`];
  if (report.targets.length > 1) {
    for (const { collection, rows_inserted, rows_replaced, rows_already_there } of report.targets) {
      const counts = [
        `${countText(rows_inserted)} inserted`,
        ...(rows_replaced > 0 ? [`${countText(rows_replaced)} replaced`] : []),
        ...(rows_already_there > 0 ? [`${countText(rows_already_there)} there already`] : []),
      ];
      lines.push(`  ${collection}: ${counts.join(', ')}`);
    }
  }
  if (report.rejected_file !== null)
    lines.push(`The rejected rows, with their reasons, are in ${relative(cwd, report.rejected_file)}.`);
  if (report.rejected_table !== null)
    lines.push(`The rejected rows, with their reasons, are in the table ${report.rejected_table} of the target.`);
  return lines;
}

function lossTable({ losses }: EtlRunReport, colours: Colours): string {
  const rows = losses.map(({ field, loss, count, example }) => [
    field,
    loss.replaceAll('_', ' '),
    countText(count),
    `${example.from} → ${example.to}`,
  ]);
  const title = colours.yellow('Values that the target cannot hold exactly; the nearest was written:');
  return `${title}\n${renderTable(['Field', 'Loss', 'Values', 'For example'], rows, colours, [2])}`;
}
