import { PolyshiftError } from '@polyshift/core';

/** A name as CQL takes it: always in double quotes, so that case and reserved words keep their letters. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal of CQL, for statements that take no bound values (DDL). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Characters of the name of a table, view or index, at most. */
const longestName = 48;

/** Why the store refuses a name for a table, view or index; undefined where it takes it. */
export function nameProblem(name: string): string | undefined {
  if (/^[A-Za-z0-9_]+$/.test(name) && name.length <= longestName) return undefined;
  return `Cassandra takes names of letters, digits and underscores for tables, views and indexes, at most ${longestName}`;
}

/** Throws INVALID_DOCUMENT for a name that no table, view or index can have. */
export function refuseName(name: string, path: string): void {
  const problem = nameProblem(name);
  if (problem) throw new PolyshiftError('INVALID_DOCUMENT', `"${name}" is refused: ${problem}`, { place: { path } });
}
