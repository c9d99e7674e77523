/** Rows that a check found: how many, and the first few by their key, for people. */
export interface FoundRows {
  readonly count: number;
  readonly examples: string[];
}

/** ` (id=1; id=2; ...)`, or nothing where there is nothing to name. */
export function listExamples({ count, examples }: FoundRows): string {
  return examples.length === 0 ? '' : ` (${examples.join('; ')}${count > examples.length ? '; ...' : ''})`;
}
