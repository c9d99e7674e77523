import type { DownRequest, MigrationStatus, StatusReport } from '@polyshift/core';
import type { Colours } from './output.ts';
import { renderTable } from './table.ts';

/** The migrations that `down` will take back, newest first, for the question before it. The runner chooses for itself, under the lock. */
export function standingMigrations({ migrations }: StatusReport, request: DownRequest): MigrationStatus[] {
  const standing = migrations
    .filter(({ state }) => state === 'applied' || state === 'running' || state === 'rolling_back')
    .reverse();
  const { to } = request;
  if (to === undefined) return standing.slice(0, request.steps ?? 1);
  return /^\d+$/.test(to) ? standing.filter(({ version }) => BigInt(version) > BigInt(to)) : [];
}

/** What will be taken back, and how. */
export function renderRollback(migrations: readonly MigrationStatus[], colours: Colours): string {
  return renderTable(
    ['Version', 'Name', 'State', 'Undo'],
    migrations.map(({ version, name, state, undo }) => [version, name, state.replaceAll('_', ' '), undo]),
    colours,
  );
}
