import { type Token, tokenize } from './tokens.ts';

/** The tokens of one statement. */
export type StatementTokens = readonly [Token, ...Token[]];

/**
 * Cuts a script into statements, as the mysql client does: at `;`, or at what DELIMITER sets. The bodies of routines, triggers and events
 * are kept whole without DELIMITER too.
 * @throws ScriptError where a quote or comment is not closed
 */
export function splitStatements(script: string): StatementTokens[] {
  return sections(script).flatMap(({ start, end, delimiter }) => {
    const tokens = tokenize(script, start, end);
    return delimiter === ';' ? atSemicolons(tokens) : nonEmpty(withoutLast(tokens));
  });
}

interface Section {
  readonly start: number;
  readonly end: number;
  readonly delimiter: string;
}

/** Stretches with one delimiter. With another than `;`, each statement is a stretch of its own. */
function sections(script: string): Section[] {
  const command = /^[ \t]*delimiter[ \t]+(\S+)[ \t]*$/gim;
  const found: Section[] = [];
  let delimiter = ';';
  let start = 0;
  const close = (end: number) => {
    if (delimiter === ';') found.push({ start, end, delimiter });
    else {
      for (let from = start; from < end; ) {
        const next = script.indexOf(delimiter, from);
        const until = next < 0 || next > end ? end : next;
        found.push({ start: from, end: until, delimiter });
        from = until + delimiter.length;
      }
    }
  };
  for (const match of script.matchAll(command)) {
    close(match.index);
    delimiter = match[1]!;
    start = match.index + match[0].length;
  }
  close(script.length);
  return found;
}

function atSemicolons(tokens: readonly Token[]): StatementTokens[] {
  const statements: StatementTokens[] = [];
  let current: Token[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.raw === ';' && depth === 0) {
      statements.push(...nonEmpty(current));
      current = [];
      continue;
    }
    current.push(token);
    if (hasBody(current)) depth = Math.max(0, depth + nesting(tokens, index));
    else depth = 0;
  }
  return [...statements, ...nonEmpty(current)];
}

function nonEmpty(tokens: readonly Token[]): StatementTokens[] {
  const [first, ...rest] = tokens;
  return first ? [[first, ...rest]] : [];
}

/** A statement before a delimiter of its own may end with a semicolon too. */
function withoutLast(tokens: readonly Token[]): readonly Token[] {
  return tokens.at(-1)?.raw === ';' ? tokens.slice(0, -1) : tokens;
}

/** Whether it is CREATE of something whose body may hold semicolons. */
function hasBody(tokens: readonly Token[]): boolean {
  if (tokens[0]?.value !== 'CREATE') return tokens[0]?.value === 'BEGIN' && tokens[1]?.value === 'NOT';
  return tokens
    .slice(1, 14)
    .some(({ kind, value }) => kind === 'word' && /^(PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)$/.test(value));
}

/** By how much a word opens or closes blocks. */
function nesting(tokens: readonly Token[], index: number): number {
  const token = tokens[index]!;
  if (token.kind !== 'word') return 0;
  const before = tokens[index - 1]?.value;
  const after = tokens[index + 1]?.value;
  if (token.value === 'END') return -1;
  if (before === 'END') return 0;
  if (token.value === 'BEGIN' || token.value === 'CASE' || token.value === 'LOOP') return 1;
  if (token.value === 'REPEAT' || token.value === 'IF')
    return after === '(' || after === 'EXISTS' || after === 'NOT' ? ifBlock(tokens, index) : 1;
  return token.value === 'WHILE' ? 1 : 0;
}

/** `IF (a > 1) THEN` is a block, `IF(a, b, c)` a function, `IF [NOT] EXISTS` neither. */
function ifBlock(tokens: readonly Token[], index: number): number {
  if (tokens[index]!.value === 'REPEAT') return 0;
  for (const token of tokens.slice(index + 1)) {
    if (token.value === 'THEN') return 1;
    if (token.raw === ';') return 0;
  }
  return 0;
}
