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
  return keptSum(await keptByEach(session, keeping));
}

/** What each of these steps keeps aside, in their order. */
export async function keptByEach(session: StoreSession, steps: readonly StepRecord[]): Promise<KeptAside[]> {
  const asides = steps.map(asideOf);
  if (asides.length === 0) return [];
  if (session.keptAsideEach) return session.keptAsideEach(asides);
  const found: KeptAside[] = [];
  for (let from = 0; from < asides.length; from += width) {
    found.push(...(await Promise.all(asides.slice(from, from + width).map((aside) => session.keptAside(aside)))));
  }
  return found;
}

/** The bytes of all of it; what the store cannot measure counts as nothing. */
export function bytesOf(kept: readonly KeptAside[]): number {
  return kept.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}
