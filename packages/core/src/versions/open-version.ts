import type { JournalStore, StepRecord } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { History } from '../journal/history.ts';
import { stepsOf } from '../journal/step-key.ts';

/** Whether a step has left two versions of its collection in use. */
export function leavesTwoVersions(step: StepRecord): boolean {
  return step.operation['type'] === 'online_change' && step.undo_kept && step.state !== 'rolled_back';
}

/** A version that has left two versions of collections in use, with the steps that did. */
export interface OpenVersion {
  readonly version: string;
  readonly steps: readonly StepRecord[];
}

/**
 * The applied version that has left two versions of a collection in use, with its steps that did; undefined where none has. It can only be the last one
 * that was applied: nothing is applied behind it.
 */
export async function openVersion(journal: JournalStore, { lastApplied }: History): Promise<OpenVersion | undefined> {
  if (!lastApplied) return undefined;
  return openOf(lastApplied.version, await stepsOf(journal, lastApplied.version));
}

/** The same where the steps of that version have been read. */
export function openOf(version: string, steps: readonly StepRecord[]): OpenVersion | undefined {
  const open = steps.filter(leavesTwoVersions);
  return open.length > 0 ? { version, steps: open } : undefined;
}

/** The error of what has to wait until one of the two versions has ended. */
export function versionOpen(version: string, what: string): PolyshiftError {
  return new PolyshiftError('VERSION_OPEN', `${what} while two versions of a collection are in use since version ${version}`, {
    hint: `End the old one by \`polyshift finalize ${version}\`, or the new one by \`polyshift down\`; \`polyshift status\` says what is in the way.`,
  });
}
