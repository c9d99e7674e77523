import type { KeptAside, LockRecord, MigrationStatus, StatusReport } from '@polyshift/core';
import { dayMs } from '../command/duration.ts';
import type { Colours } from './output.ts';
import { bytesText, countOf, countText, durationText, timeText } from './quantities.ts';
import { renderAmendment } from './render-amendment.ts';
import { renderServer } from './render-server.ts';
import { renderVersions } from './render-versions.ts';
import { renderTable } from './table.ts';

/** The history as a table, and below it what is pending, half done or locked. */
export function renderStatus(report: StatusReport, colours: Colours): string {
  const lines = [renderServer(report.server, report.current_version, colours)];
  if (report.migrations.length > 0) {
    const head = ['Version', 'Name', 'State', 'Applied', 'Took', 'Steps', 'Undo', 'Kept', 'Until', 'File'];
    const rows = report.migrations.map((migration) => statusRow(migration, colours));
    lines.push('', renderTable(head, rows, colours, [4, 5, 7]), '');
    for (const { version, error } of report.migrations) if (error) lines.push(`${version}: ${error}`);
  }
  if (report.versions) lines.push(renderVersions(report.versions, colours), '');
  if (report.kept.rows > 0) lines.push(keptText(report));
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
    migration.applied_at === null ? '' : timeText(migration.applied_at),
    migration.duration_ms === null ? '' : durationText(migration.duration_ms),
    stepsText(migration),
    migration.undo === 'not_applied' ? '' : migration.undo,
    migration.kept === null ? '' : amountText(migration.kept),
    untilText(migration),
    migration.file === 'ok' ? '' : colours.red(migration.file),
  ];
}

/** `Kept for the way back: 1,204 rows, 3.1 MiB of 1.0 GiB; each version for 30 days.` */
function keptText({ kept, keep_undo }: StatusReport): string {
  const { age_ms, bytes } = keep_undo ?? {};
  const limit = bytes === undefined ? '' : ` of ${bytesText(bytes)}`;
  const age = age_ms === undefined ? '' : `; each version for ${countOf(Number((age_ms / dayMs).toFixed(2)), 'day')}`;
  return `Kept for the way back: ${amountText(kept)}${limit}${age}.`;
}

function amountText({ rows, bytes }: KeptAside): string {
  return `${countOf(rows, 'row')}${bytes === null || rows === 0 ? '' : `, ${bytesText(bytes)}`}`;
}

function untilText({ kept, undo_until }: MigrationStatus): string {
  if (kept === null) return '';
  return undo_until === null ? 'finalized' : timeText(undo_until);
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

function stepsText({ steps_done, steps_total, rows_done, rows_total, phase, rate, eta_seconds }: MigrationStatus): string {
  if (rows_done === undefined) return `${steps_done}/${steps_total}`;
  const rows = rows_total == null ? countText(rows_done) : `${countText(rows_done)}/${countText(rows_total)}`;
  const percent = rows_total ? ` (${Math.floor((100 * rows_done) / rows_total)} %)` : '';
  const speed = rate === undefined ? '' : `, ${countText(Math.round(rate))}/s`;
  const left = eta_seconds === undefined ? '' : `, ${durationText(eta_seconds * 1000)} left`;
  return `${steps_done}/${steps_total}, ${rows} rows${percent}${speed}${left}${phase === undefined ? '' : `, ${phase}`}`;
}
