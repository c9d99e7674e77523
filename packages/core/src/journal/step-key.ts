import type { JournalStore, StepRecord } from '../adapter/journal-store.ts';

/** Where the operations of an explicit `down` list are numbered from, in the same journal as those of `up`. */
export const downOffset = 10_000;

/** The key of a step in the journal; keys of one version sort by index. */
export function stepKey(version: string, index: number): string {
  return `${version}/${String(index).padStart(5, '0')}`;
}

/** The name under which a step keeps what its rollback needs. */
export function asideOf({ version, index }: Pick<StepRecord, 'version' | 'index'>): string {
  return `${version}_${index}`;
}

/** The steps of a version, in order. */
export async function stepsOf(journal: JournalStore, version: string): Promise<StepRecord[]> {
  const records = await journal.list('step', `${version}/`);
  return records.sort((left, right) => left.index - right.index);
}
