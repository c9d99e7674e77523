import type { JournalStore } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Migration } from '../migration/migration.ts';
import { differences } from '../schema/difference.ts';
import type { FileProblem } from './file-problems.ts';
import { downOffset, stepsOf } from './step-key.ts';

/** A problem as the error that refuses a run: what is different, and how to go on. */
export async function problemError(journal: JournalStore, problem: FileProblem): Promise<PolyshiftError> {
  switch (problem.kind) {
    case 'changed': {
      const { record, migration } = problem;
      const changes = await changesOf(journal, record.version, migration);
      return new PolyshiftError(
        'CHECKSUM_CHANGED',
        `${migration.file} has changed since version ${record.version} was ${record.state === 'applied' ? 'applied' : 'begun'}${changes.length > 0 ? `: ${changes.join('; ')}` : ''}`,
        {
          place: { file: migration.file },
          hint: `Put the file back and write a new migration for the change. Where the file alone is to change and the store is right as it is: polyshift repair ${record.version} --reason "..."`,
          data: { was: record.checksum, is: migration.checksum, changes },
        },
      );
    }
    case 'missing': {
      const { record, renumbered } = problem;
      return new PolyshiftError(
        'MIGRATION_MISSING',
        `version ${record.version} (${record.name}) is ${record.state} in the store, but has no file${renumbered ? `; ${renumbered.file} has its content: it was renumbered` : ''}`,
        {
          hint: renumbered
            ? `Rename ${renumbered.file} back to version ${record.version}.`
            : `Bring the file back from version control. Where it is gone for good: polyshift repair ${record.version} --reason "..." strikes it from the history; the store stays as it is.`,
        },
      );
    }
    case 'late': {
      const { migration, current } = problem;
      return new PolyshiftError(
        'OUT_OF_ORDER',
        `${migration.file} has version ${migration.version}, but version ${current} is applied or begun already`,
        {
          place: { file: migration.file },
          hint: `Give it a version after ${current}. Where it does not matter that it comes later: polyshift repair ${migration.version} --reason "..." lets the next up apply it.`,
        },
      );
    }
  }
}

/** What of a migration is other than what was run, by the operations in the journal; empty where only the journal of `down` could tell. */
async function changesOf(journal: JournalStore, version: string, migration: Migration): Promise<string[]> {
  const steps = (await stepsOf(journal, version)).filter((step) => step.index < downOffset);
  if (steps.length === 0) return [];
  const is = JSON.parse(JSON.stringify(migration.operations)) as unknown[];
  const count = Math.max(steps.length, is.length);
  const found = Array.from({ length: count }, (_, index) =>
    differences(steps[index]?.operation, is[index], `operations[${index}]`),
  );
  return found
    .flat()
    .slice(0, 5)
    .map(({ path, was: before, is: after }) => `${path} was ${shown(before)}, is ${shown(after)}`);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
