import { PolyshiftError } from '@polyshift/core';

/** One statement of a script. */
export interface ScriptStatement {
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Comments, quoted names, texts and bodies of functions, whose semicolons end nothing; then the semicolon itself, and words. */
const token =
  /--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|'(?:[^']|'')*'|\$\$[\s\S]*?\$\$|;|[A-Za-z_]\w*|["'$/]|[^;"'$/\-A-Za-z_]+|-/g;

/**
 * Splits a script of CQL at its semicolons. A batch is one statement with those inside of it. Throws INVALID_SYNTAX, with the line, for a text or
 * comment without an end, and for what only the shell of Cassandra knows.
 */
export function splitScript(script: string): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let text = '';
  let words: string[] = [];
  let line = 1;
  let begin = 0;
  const end = (): void => {
    const trimmed = text.trim();
    if (words.length > 0) statements.push({ text: trimmed, line: begin });
    text = '';
    words = [];
  };
  for (const [piece] of script.matchAll(token)) {
    if (/^(?:--|\/\/|\/\*)/.test(piece)) text += ' ';
    else if (/^["'$]$/.test(piece)) throw invalid(line, `a ${piece} has no end`);
    else if (piece === ';' && !isOpenBatch(words)) end();
    else {
      if (/^\w/.test(piece)) {
        if (words.length === 0) begin = line;
        words.push(piece.toUpperCase());
        refuseShell(words, line);
      }
      text += piece;
    }
    line += piece.split('\n').length - 1;
  }
  if (isOpenBatch(words)) throw invalid(begin, 'a batch has no APPLY BATCH');
  end();
  return statements;
}

/** Between BEGIN and APPLY BATCH. */
function isOpenBatch(words: readonly string[]): boolean {
  return words[0] === 'BEGIN' && !(words.at(-2) === 'APPLY' && words.at(-1) === 'BATCH');
}

function refuseShell(words: readonly string[], line: number): void {
  const [first] = words;
  if (words.length !== 1 || first === undefined) return;
  if (['SOURCE', 'COPY', 'CONSISTENCY', 'TRACING', 'EXPAND', 'PAGING', 'CAPTURE', 'SHOW', 'LOGIN', 'EXIT'].includes(first))
    throw invalid(line, `${first} is a command of cqlsh, not of CQL`);
  if (first === 'USE')
    throw invalid(line, 'USE would change the keyspace of the connection; write it before the names of other tables');
}

function invalid(line: number, message: string): PolyshiftError {
  return new PolyshiftError('INVALID_SYNTAX', `line ${line}: ${message}`, { place: { line } });
}
