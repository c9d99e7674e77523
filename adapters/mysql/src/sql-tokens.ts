/** A piece of SQL. `name` is in backticks, `string` in single or double quotes, `comment` also the kind that the server executes. */
export interface SqlToken {
  readonly kind: 'word' | 'name' | 'string' | 'comment' | 'space' | 'symbol';
  readonly text: string;
}

const pattern =
  /(?<space>\s+)|(?<name>`(?:[^`]|``)*`)|(?<string>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*")|(?<comment>\/\*[\s\S]*?\*\/|--(?=[\s]|$)[^\n]*|#[^\n]*)|(?<word>[\w$\u0080-\uffff]+)|(?<symbol>[\s\S])/gy;

/** Splits SQL into tokens; together their texts are the text. What is opened and never closed comes as symbols. */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const { groups, 0: text } of sql.matchAll(pattern)) {
    const kind = Object.keys(groups!).find((name) => groups![name] !== undefined) as SqlToken['kind'];
    tokens.push({ kind, text });
  }
  return tokens;
}

/** The name in backticks without them. */
export function unquote(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1).replaceAll('``', '`') : text;
}

/** The text of a string literal. */
export function unquoteString(text: string): string {
  const inner = text.slice(1, -1).replaceAll(text[0]!.repeat(2), text[0]!);
  return inner.replace(
    /\\([\s\S])/g,
    (_all, char: string) => ({ n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\x1a' })[char] ?? char,
  );
}

/** Splits tokens at commas that stand in no parentheses. */
export function splitList(tokens: readonly SqlToken[]): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    if (token.text === ',' && token.kind === 'symbol' && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.map(trim).filter((part) => part.length > 0);
}

/** Where the parenthesis that opens at `from` closes; the number of tokens where it never does. */
export function closing(tokens: readonly SqlToken[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    if (tokens[index]!.text === '(') depth++;
    if (tokens[index]!.text === ')' && --depth === 0) return index;
  }
  return tokens.length;
}

/** Tokens as text. */
export function joined(tokens: readonly SqlToken[]): string {
  return tokens.map((token) => token.text).join('');
}

/** Whether SQL that the server has printed names a column: there every name stands in backticks. */
export function mentions(sql: string, column: string): boolean {
  return tokenize(sql).some((token) => token.kind === 'name' && unquote(token.text) === column);
}

/** SQL that the server has printed with another name for a column. */
export function renamed(sql: string, from: string, to: string): string {
  return joined(
    tokenize(sql).map((token) =>
      token.kind === 'name' && unquote(token.text) === from ? { kind: 'name', text: `\`${to.replaceAll('`', '``')}\`` } : token,
    ),
  );
}

function trim(tokens: readonly SqlToken[]): SqlToken[] {
  let [start, end] = [0, tokens.length];
  while (tokens[start]?.kind === 'space') start++;
  while (end > start && tokens[end - 1]!.kind === 'space') end--;
  return tokens.slice(start, end);
}
