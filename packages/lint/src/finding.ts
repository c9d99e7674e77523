/** How grave a finding is: an error makes the command fail, a warning does not. */
export type Level = 'error' | 'warning';

/** One unsafe change, with its place and what to do instead. */
export interface Finding {
  /** The rule's code: `PG005`. */
  readonly code: string;
  /** The rule's name: `setting-not-null`. */
  readonly rule: string;
  readonly level: Level;
  /** The file as it was named, relative to the working folder. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;
  /** What is wrong here, with the names of the tables and columns. */
  readonly message: string;
  /** Why that is unsafe. */
  readonly why: string;
  /** What it locks, and for how long. */
  readonly lock: string;
  /** The safe way. */
  readonly safe: string;
}

/** Findings in the order in which people read: by file, line, column, code. */
export function sortFindings(findings: readonly Finding[], files: readonly string[]): Finding[] {
  const order = new Map(files.map((file, index) => [file, index]));
  return [...findings].sort(
    (left, right) =>
      (order.get(left.file) ?? 0) - (order.get(right.file) ?? 0) ||
      left.line - right.line ||
      left.column - right.column ||
      (left.code < right.code ? -1 : left.code > right.code ? 1 : 0),
  );
}
