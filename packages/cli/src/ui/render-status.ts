import type { LockRecord, MigrationStatus, StatusReport } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf, countText, durationText } from './quantities.ts';
import { renderAmendment } from './render-amendment.ts';
import { renderServer } from './render-server.ts';
import { renderTable } from './table.ts';

/** The history as a table, and below it what is pending, half done or locked. */
export function renderStatus(report: StatusReport, colours: Colours): string {
  const lines = [renderServer(report.server, report.current_version, colours)];
  if (report.migrations.length > 0) {
    const head = ['Version', 'Name', 'State', 'Applied', 'Took', 'Steps', 'Undo', 'File'];
    const rows = report.migrations.map((migration) => statusRow(migration, colours));
    lines.push('', renderTable(head, rows, colours, [4, 5]), '');
    for (const { version, error } of report.migrations) if (error) lines.push(`${version}: ${error}`);
  }
  lines.push(...report.amendments.map(renderAmendment));
  lines.push(report.pending === 0 ? 'No migration is pending.' : `${countOf(report.pending, 'migration')} pending: polyshift up`);
  if (report.unfinished) {
    lines.push(
      colours.yellow(
        'A run stopped part-way: `polyshift up` finishes it, `polyshift down` takes it back, `polyshift doctor` explains it.',
      ),
    );
  }
  if (report.lock) lines.push(renderLock(report.lock));
  return lines.join('\n');
}

/** Who holds a lock, in one line. */
export function renderLock({ holder, acquired_at, expires_at, expired }: LockRecord): string {
  const who = `"${holder.command}", process ${holder.pid} on ${holder.host}, since ${acquired_at}`;
  return expired ? `Lock left behind by ${who}; its lease ended at ${expires_at}.` : `Locked by ${who}.`;
}

function statusRow(migration: MigrationStatus, colours: Colours): string[] {
  return [
    migration.version,
    migration.name,
    stateText(migration, colours),
    migration.applied_at?.replace('T', ' ').replace(/\.\d+Z$/, 'Z') ?? '',
    migration.duration_ms === null ? '' : durationText(migration.duration_ms),
    stepsText(migration),
    migration.undo === 'not_applied' ? '' : migration.undo,
    migration.file === 'ok' ? '' : colours.red(migration.file),
  ];
}

function stateText({ state }: MigrationStatus, colours: Colours): string {
  const text = state.replaceAll('_', ' ');
  switch (state) {
    case 'applied':
      return colours.green(text);
    case 'failed':
      return colours.red(text);
    case 'running':
    case 'rolling_back':
      return colours.yellow(text);
    default:
      return colours.dim(text);
  }
}

function stepsText({ steps_done, steps_total, rows_done, rows_total }: MigrationStatus): string {
  const rows =
    rows_done === undefined
      ? ''
      : `, ${rows_total == null ? countText(rows_done) : `${countText(rows_done)}/${countText(rows_total)}`} rows`;
  return `${steps_done}/${steps_total}${rows}`;
}
