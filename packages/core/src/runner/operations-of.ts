import type { JournalStore } from '../adapter/journal-store.ts';
import type { History } from '../journal/history.ts';
import { downOffset, stepsOf } from '../journal/step-key.ts';
import type { Migration } from '../migration/migration.ts';
import { onlineForm } from '../operation/online-plan.ts';

/**
 * The migration with the operations that `up` runs: in their online form where the migration or the command asks for it. One that was begun goes on in the
 * form in which it was begun, whatever is asked for now.
 *
 * @throws PolyshiftError ONLINE_REFUSED where an operation has no online form
 */
export async function inForm(journal: JournalStore, history: History, migration: Migration, asked: boolean): Promise<Migration> {
  const online = (): Migration => ({ ...migration, operations: onlineForm(migration.operations) });
  if (history.of(migration.version)?.state !== 'running') return asked || migration.online ? online() : migration;
  const begun = (await stepsOf(journal, migration.version)).filter((step) => step.index < downOffset);
  const differs = begun.some((step) => step.operation['type'] !== migration.operations[step.index]?.type);
  if (differs) return online();
  return begun.length === 0 && (asked || migration.online) ? online() : migration;
}
