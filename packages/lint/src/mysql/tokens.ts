import { ScriptError } from '../read/script-error.ts';

/** A word, a quoted name, a text, a number or a sign of a script. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  /** Words in capitals; names and texts without their quotes. */
  readonly value: string;
  /** As it is written. */
  readonly raw: string;
  /** Offset of its first character in the script, and of the one after its last. */
  readonly at: number;
  readonly end: number;
}

const blank = /\s+|--(?=\s|$)[^\n]*|#[^\n]*/y;
const patterns = [
  ['name', /`(?:[^`]|``)*`/y],
  ['text', /(?:[nN]|_[a-zA-Z0-9]+|[xXbB])?(?:'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*")/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$])|0x[0-9a-fA-F]+(?![\w$])/y],
  ['word', /[\w$\u0080-\uffff]+|@@?[\w$.]*/y],
  ['sign', /:=|<=>|<=|>=|<>|!=|\|\||&&|<<|>>|->>|->|[^\s\w]/y],
] as const;

/**
 * Cuts a script into tokens. Comments are left out; what stands in `/*! ... *\/` and `/*M! ... *\/` is read, since the server runs it.
 * @throws ScriptError where a quote or comment is not closed
 */
export function tokenize(script: string, start = 0, end = script.length): Token[] {
  const tokens: Token[] = [];
  let position = start;
  let executable = false;
  while (position < end) {
    const opening = matchAt(/\/\*M?!\d*/y, script, position);
    if (opening) {
      executable = true;
      position += opening.length;
      continue;
    }
    if (executable && script.startsWith('*/', position)) {
      executable = false;
      position += 2;
      continue;
    }
    const skipped = blankAt(script, position);
    if (skipped > 0) {
      position += skipped;
      continue;
    }
    const token = tokenAt(script, position);
    tokens.push(token);
    position = token.end;
  }
  return tokens;
}

function blankAt(script: string, position: number): number {
  if (!script.startsWith('/*', position)) return matchAt(blank, script, position)?.length ?? 0;
  const close = script.indexOf('*/', position + 2);
  if (close < 0) throw new ScriptError('a comment is not closed', position);
  return close + 2 - position;
}

function tokenAt(script: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    const raw = matchAt(pattern, script, at);
    if (raw === undefined) continue;
    if (kind === 'sign' && /['"`]/.test(raw)) throw new ScriptError('a quote is not closed', at);
    return { kind, raw, value: tokenValue(kind, raw), at, end: at + raw.length };
  }
  throw new ScriptError('a sign that has no meaning here', at);
}

function tokenValue(kind: Token['kind'], raw: string): string {
  if (kind === 'word') return raw.toUpperCase();
  if (kind === 'name') return raw.slice(1, -1).replaceAll('``', '`');
  if (kind !== 'text') return raw;
  const quote = raw.search(/['"]/);
  const sign = raw[quote]!;
  return raw
    .slice(quote + 1, -1)
    .replaceAll(sign + sign, sign)
    .replace(/\\(.)/g, '$1');
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
