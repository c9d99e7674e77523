import type { JournalStore, StepRecord } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { History } from '../journal/history.ts';

/** Whether a step has left two versions of its collection in use. */
export function leavesTwoVersions(step: StepRecord): boolean {
  return step.operation['type'] === 'online_change' && step.undo_kept && step.state !== 'rolled_back';
}

/**
 * The applied version that has left two versions of a collection in use, with its steps that did; undefined where none has. There is one at most: nothing
 * is applied behind it.
 */
export async function openVersion(
  journal: JournalStore,
  history: History,
): Promise<{ readonly version: string; readonly steps: readonly StepRecord[] } | undefined> {
  if (history.applied.length === 0) return undefined;
  const open = (await journal.list('step')).filter(leavesTwoVersions);
  for (const { version } of history.applied) {
    const steps = open.filter((step) => step.version === version);
    if (steps.length > 0) return { version, steps };
  }
  return undefined;
}

/** The error of what has to wait until one of the two versions has ended. */
export function versionOpen(version: string, what: string): PolyshiftError {
  return new PolyshiftError('VERSION_OPEN', `${what} while two versions of a collection are in use since version ${version}`, {
    hint: `End the old one by \`polyshift finalize ${version}\`, or the new one by \`polyshift down\`; \`polyshift status\` says what is in the way.`,
  });
}
