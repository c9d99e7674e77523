import type { HistoryRecord } from '../adapter/journal-store.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';
import type { History } from './history.ts';

/** Where the files of migrations do not agree with the history of a store. */
export type FileProblem =
  /** The file of an applied or begun version is another one than was run. */
  | { readonly kind: 'changed'; readonly record: HistoryRecord; readonly migration: Migration }
  /** There is no file of an applied or begun version; `renumbered` is a pending file with the same content. */
  | { readonly kind: 'missing'; readonly record: HistoryRecord; readonly renumbered: Migration | undefined }
  /** A version that was never run stands before one that is applied or begun. */
  | { readonly kind: 'late'; readonly migration: Migration; readonly current: string };

/** All problems, in the order of versions: first what is in the history, then what came late. */
export function fileProblems(history: History, migrations: readonly Migration[]): FileProblem[] {
  const problems: FileProblem[] = [];
  const pending = history.pending(migrations);
  for (const record of history.records) {
    if (record.state === 'rolled_back' || record.state === 'failed') continue;
    const migration = migrations.find((each) => sameVersion(each.version, record.version));
    if (!migration) {
      problems.push({ kind: 'missing', record, renumbered: pending.find((each) => each.checksum === record.checksum) });
    } else if (migration.checksum !== record.checksum) problems.push({ kind: 'changed', record, migration });
  }
  const current = history.newestBegun;
  if (current === null) return problems;
  for (const migration of pending) {
    const state = history.of(migration.version)?.state;
    if (state === 'running' || state === 'rolling_back' || history.acceptsLate(migration.version)) continue;
    if (compareVersions(migration.version, current) < 0) problems.push({ kind: 'late', migration, current });
  }
  return problems;
}
