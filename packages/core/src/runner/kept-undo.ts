import type { KeptAside, StoreSession } from '../adapter/adapter.ts';
import type { HistoryRecord, StepRecord } from '../adapter/journal-store.ts';
import { stepsOf } from '../journal/step-key.ts';

/** Questions to the store at once: each is small, and its way to the store is most of it. */
const width = 8;

/** The name under which a step keeps what its rollback needs. */
export function asideOf({ version, index }: Pick<StepRecord, 'version' | 'index'>): string {
  return `${version}_${index}`;
}

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

/** All of it together; the bytes are null where those of a part are. */
export function keptSum(parts: readonly KeptAside[]): KeptAside {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce<number | null>((sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes), 0),
  };
}
