import type { JournalStore } from '../adapter/journal-store.ts';
import type { Migration } from '../migration/migration.ts';
import { problemError } from './explain-problem.ts';
import { fileProblems } from './file-problems.ts';
import type { History } from './history.ts';

/**
 * Compares the history with the files. Throws CHECKSUM_CHANGED, MIGRATION_MISSING or OUT_OF_ORDER for the first that does not agree, with
 * what is different and how to go on.
 */
export async function checkFiles(journal: JournalStore, history: History, migrations: readonly Migration[]): Promise<void> {
  const [first] = fileProblems(history, migrations);
  if (first) throw await problemError(journal, first);
}
