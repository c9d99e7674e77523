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
  return inOrder(await journal.list('step', `${version}/`));
}

/** The steps of every version, each in order, by one question. Gives what looks them up by version: empty where there are none. */
export async function allSteps(journal: JournalStore): Promise<(version: string) => readonly StepRecord[]> {
  const byVersion = new Map<string, StepRecord[]>();
  for (const step of inOrder(await journal.list('step'))) {
    const before = byVersion.get(step.version);
    if (before) before.push(step);
    else byVersion.set(step.version, [step]);
  }
  return (version) => byVersion.get(version) ?? [];
}

function inOrder(steps: StepRecord[]): StepRecord[] {
  return steps.sort((left, right) => left.index - right.index);
}
