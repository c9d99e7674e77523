import type { HistoryRecord } from '../adapter/journal-store.ts';
import type { Check } from '../checks/check.ts';
import { isPolyshiftError } from '../errors/polyshift-error.ts';
import { openVersion } from '../versions/open-version.ts';
import type { FinalizedMigration, FinalizeReason, FinalizeReport, KeptMigration } from './finalize-report.ts';
import { finalizeVersion } from './finalize-version.ts';
import { bytesOf, keptUndo } from './kept-undo.ts';
import type { Run } from './run.ts';
import type { UndoLimits } from './runner-options.ts';

/**
 * Keeps the limits of undo: makes final what was applied longer ago than they say, then the oldest versions until the rest is small enough. The newest
 * version keeps its undo whatever its size. Nothing happens in silence: an event and an entry of the report for each.
 */
export async function keepLimits(run: Run, limits: UndoLimits): Promise<FinalizeReport> {
  const byAge = limits.age_ms === undefined ? nothing : await finalizeOlder(run, limits.age_ms, 'age');
  const bySize = limits.bytes === undefined ? nothing : await finalizeBeyond(run, limits.bytes, byAge.kept);
  return { finalized: [...byAge.finalized, ...bySize.finalized], kept: [...byAge.kept, ...bySize.kept] };
}

/** Makes every version final that was applied longer ago, oldest first; one whose proof fails keeps its undo, and the others go on. */
export async function finalizeOlder(run: Run, age_ms: number, reason: FinalizeReason): Promise<FinalizeReport> {
  const due = byRank(run.history.applied).filter((record) => untilOf(record, age_ms) <= Date.now());
  const open = await openVersion(run.session.journal, run.history);
  const report = { finalized: [] as FinalizedMigration[], kept: [] as KeptMigration[] };
  for (const { record } of await keptUndo(run.session, due)) {
    if (record.version === open?.version) keep(report, run, stillOpen(record, reason));
    else await finalizeInto(report, run, record, reason);
  }
  return report;
}

/** The moment at which the undo of an applied version is older than the limit, in milliseconds since 1970. */
export function untilOf(record: HistoryRecord, age_ms: number): number {
  return Date.parse(record.applied_at ?? record.started_at) + age_ms;
}

const nothing: FinalizeReport = { finalized: [], kept: [] };

async function finalizeBeyond(run: Run, limit: number, refused: readonly KeptMigration[]): Promise<FinalizeReport> {
  const report = { finalized: [] as FinalizedMigration[], kept: [] as KeptMigration[] };
  const kept = await keptUndo(run.session, byRank(run.history.applied));
  let total = bytesOf(kept);
  for (const undo of kept) {
    if (total <= limit) break;
    const { record } = undo;
    // What could not be proven a moment ago cannot be now.
    if (refused.some(({ version }) => version === record.version) || !undo.bytes) continue;
    if (record.version === run.history.currentVersion) {
      const message = `the undo of version ${record.version} stays although it takes ${undo.bytes} bytes and ${limit} are allowed for all: it is the newest version`;
      keep(report, run, { version: record.version, name: record.name, reason: 'size', because: 'newest', message, checks: [] });
    } else if (await finalizeInto(report, run, record, 'size')) total -= undo.bytes;
  }
  return report;
}

/** Returns whether the version is final now. */
async function finalizeInto(
  report: { finalized: FinalizedMigration[]; kept: KeptMigration[] },
  run: Run,
  record: HistoryRecord,
  reason: FinalizeReason,
): Promise<boolean> {
  try {
    report.finalized.push(await finalizeVersion(run, record, reason));
    return true;
  } catch (error) {
    if (!isPolyshiftError(error, 'CHECK_FAILED')) throw error;
    const checks = (error.data?.['checks'] ?? []) as readonly Check[];
    const { version, name } = record;
    keep(report, run, { version, name, reason, because: 'check_failed', message: error.message, checks });
    return false;
  }
}

/** Ending the old version of a collection is asked for by name, never by age. */
function stillOpen({ version, name }: HistoryRecord, reason: FinalizeReason): KeptMigration {
  const message = `version ${version} has two versions of a collection in use, of which one ends by \`polyshift finalize ${version}\` alone`;
  return { version, name, reason, because: 'open', message, checks: [] };
}

function keep(report: { kept: KeptMigration[] }, run: Run, migration: KeptMigration): void {
  report.kept.push(migration);
  run.emit({ kind: 'undo_kept', migration });
}

/** In the order of application. */
function byRank(records: readonly HistoryRecord[]): HistoryRecord[] {
  return [...records].sort((left, right) => left.rank - right.rank);
}
