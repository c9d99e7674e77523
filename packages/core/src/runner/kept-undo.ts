import type { StoreSession } from '../adapter/adapter.ts';
import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import { type KeptAside, keptSum } from '../adapter/kept-aside.ts';
import { asideOf, stepsOf } from '../journal/step-key.ts';

/** Questions to the store at once: each is small, and its way to the store is most of it. */
const width = 8;

/** What is kept for taking one version back. */
export interface KeptUndo extends KeptAside {
  readonly record: HistoryRecord;
}

/** What each version keeps, in the order of the records; those that keep nothing any more are left out. */
export async function keptUndo(session: StoreSession, records: readonly HistoryRecord[]): Promise<KeptUndo[]> {
  const kept: KeptUndo[] = [];
  for (const record of records) {
    const steps = (await stepsOf(session.journal, record.version)).filter((step) => step.undo_kept);
    if (steps.length > 0) kept.push({ record, ...(await keptBySteps(session, steps)) });
  }
  return kept;
}

/** What steps keep aside; nothing for those whose undo is deleted. */
export async function keptBySteps(session: StoreSession, steps: readonly StepRecord[]): Promise<KeptAside> {
  const keeping = steps.filter((step) => step.undo_kept);
  const found: KeptAside[] = [];
  for (let from = 0; from < keeping.length; from += width) {
    const some = keeping.slice(from, from + width);
    found.push(...(await Promise.all(some.map((step) => session.keptAside(asideOf(step))))));
  }
  return keptSum(found);
}

/** The bytes of all of it; what the store cannot measure counts as nothing. */
export function bytesOf(kept: readonly KeptAside[]): number {
  return kept.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}
