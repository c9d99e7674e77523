import { PolyshiftError } from '@polyshift/core';

/** One statement of a script. */
export interface SqlStatement {
  /** Its text, without the semicolon. */
  readonly text: string;
  /** The line in the script on which it begins, from 1. */
  readonly line: number;
  /** The parse tree: one key, the kind of the statement (`CreateStmt`). */
  readonly node: Record<string, unknown>;
}

/** Parses SQL with the server's own grammar. Throws INVALID_SYNTAX with line and column. */
export async function parseSql(sql: string): Promise<SqlStatement[]> {
  // Loaded when there is something to parse: the grammar is a megabyte and a half of code, and most commands need none of it.
  const { hasSqlDetails, parse } = await import('libpg-query');
  const bytes = Buffer.from(sql);
  let statements: { stmt?: unknown; stmt_location?: number; stmt_len?: number }[];
  try {
    statements = ((await parse(sql)) as { stmts?: typeof statements }).stmts ?? [];
  } catch (error) {
    if (!hasSqlDetails(error) || !error.sqlDetails) throw error;
    const before = [...sql].slice(0, error.sqlDetails.cursorPosition).join('');
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    throw new PolyshiftError('INVALID_SYNTAX', `Line ${line}, column ${column}: ${error.sqlDetails.message}`, {
      place: { line, column },
      cause: error,
    });
  }
  return statements.map(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    // Offsets are in bytes; a length of zero means up to the end.
    const raw = bytes.subarray(start, length ? start + length : undefined).toString();
    const lead = /^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/.exec(raw)![0];
    return {
      text: raw.trim(),
      line: (bytes.subarray(0, start).toString() + lead).split('\n').length,
      node: stmt as Record<string, unknown>,
    };
  });
}

/** Whether a statement, by its parse tree, cannot run inside a transaction. */
export function needsNoTransaction(kind: string, node: Record<string, unknown>): boolean {
  if (
    ['VacuumStmt', 'CreatedbStmt', 'DropdbStmt', 'CreateTableSpaceStmt', 'DropTableSpaceStmt', 'AlterSystemStmt'].includes(kind)
  ) {
    return !(kind === 'VacuumStmt' && (node[kind] as { is_vacuumcmd?: boolean }).is_vacuumcmd !== true);
  }
  return (node[kind] as { concurrent?: boolean } | undefined)?.concurrent === true;
}
