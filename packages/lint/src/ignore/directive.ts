/** A comment that switches rules off at one place, or in the whole file. */
export interface Directive {
  readonly codes: readonly string[];
  /** Why; empty where the comment does not say. */
  readonly reason: string;
  readonly wholeFile: boolean;
  /** The line of the comment. */
  readonly line: number;
  readonly column: number;
}

const form = /polyshift-lint-ignore(-file)?(?![\w-])([^:]*)(?::\s*([\s\S]*))?/;

/** Reads a comment: `polyshift-lint-ignore PG004, PG005: the table is empty until the release`. Undefined where it is none of ours. */
export function parseDirective(comment: string, line: number, column: number): Directive | undefined {
  const match = form.exec(comment);
  if (!match) return undefined;
  const codes = (match[2] ?? '').split(/[\s,]+/).filter((code) => code !== '');
  return { codes, reason: (match[3] ?? '').trim(), wholeFile: match[1] !== undefined, line, column };
}
