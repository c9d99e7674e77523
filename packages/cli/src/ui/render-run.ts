import type { MigrationReport, RunReport } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf, durationText } from './quantities.ts';
import { finalizedLine, keptLine } from './render-finalize.ts';

/** What `up` or `down` has done: a line per migration, and where the store stands now. */
export function renderRun(report: RunReport, colours: Colours): string {
  const { migrations, from_version, to_version } = report;
  const retained = [
    ...(report.retention?.finalized ?? []).map(finalizedLine),
    ...(report.retention?.kept ?? []).map((each) => colours.yellow(keptLine(each))),
  ];
  if (migrations.length === 0) return [`Nothing to do: the store is at ${versionText(to_version)}.`, ...retained].join('\n');
  const width = Math.max(...migrations.map(({ outcome }) => outcomeText(outcome).length));
  return [
    ...migrations.map((migration) => migrationLine(migration, width, colours)),
    `The store is at ${versionText(to_version)}${from_version === to_version ? '' : `; it was at ${versionText(from_version)}`}.`,
    ...retained,
  ].join('\n');
}

function migrationLine(migration: MigrationReport, width: number, colours: Colours): string {
  const { outcome, version, name, rows_done, duration_ms } = migration;
  const paint = outcome === 'failed_and_rolled_back' ? colours.red : colours.green;
  const rows = rows_done > 0 ? `${countOf(rows_done, 'row')}, ` : '';
  return `${paint(outcomeText(outcome).padEnd(width))}  ${version} ${name}  ${colours.dim(`${rows}${durationText(duration_ms)}`)}`;
}

function outcomeText(outcome: MigrationReport['outcome']): string {
  return { applied: 'applied', rolled_back: 'taken back', failed_and_rolled_back: 'failed' }[outcome];
}

function versionText(version: string | null): string {
  return version === null ? 'no version' : `version ${version}`;
}
