/** A comment of a script. */
export interface SqlComment {
  /** Offset of its first character in the script. */
  readonly at: number;
  /** What stands in it, without the signs around it. */
  readonly text: string;
}

/** Where quoted texts and comments differ between the languages. */
export interface SqlLexis {
  /** `#` begins a comment, and a backslash escapes inside quotes. */
  readonly mysql: boolean;
  /** `//` begins a comment. */
  readonly cql?: boolean;
}

/** The comments of a script; those inside of quotes are none. A script that ends inside a quote gives what comes before it. */
export function sqlComments(script: string, { mysql, cql = false }: SqlLexis): SqlComment[] {
  const comments: SqlComment[] = [];
  const line = mysql ? /(?:--(?=\s|$)|#)([^\n]*)/y : cql ? /(?:--|\/\/)([^\n]*)/y : /--([^\n]*)/y;
  const quoted = mysql
    ? /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`/y
    : /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$/y;
  let position = 0;
  while (position < script.length) {
    const comment = matchAt(line, script, position);
    if (comment) {
      comments.push({ at: position, text: comment[1]!.trim() });
      position += comment[0].length;
      continue;
    }
    if (script.startsWith('/*', position)) {
      const end = blockEnd(script, position, !mysql && !cql);
      comments.push({ at: position, text: script.slice(position + 2, end - 2).trim() });
      position = end;
      continue;
    }
    position += matchAt(quoted, script, position)?.[0].length || 1;
  }
  return comments;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** The offset after a block comment; in PostgreSQL they nest. */
function blockEnd(script: string, start: number, nests: boolean): number {
  const sign = /\/\*|\*\//g;
  sign.lastIndex = start + 2;
  let depth = 1;
  for (let match = sign.exec(script); match; match = sign.exec(script)) {
    if (match[0] === '*/') depth -= 1;
    else if (nests) depth += 1;
    if (depth === 0) return sign.lastIndex;
  }
  return script.length;
}
