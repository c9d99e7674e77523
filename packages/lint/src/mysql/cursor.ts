import { ScriptError } from '../read/script-error.ts';
import type { Token } from './tokens.ts';

/** Reads tokens from left to right. */
export class Cursor {
  private position = 0;
  private readonly tokens: readonly Token[];
  /** Offset behind the last token, for errors at the end. */
  private readonly end: number;

  constructor(tokens: readonly Token[], end: number) {
    this.tokens = tokens;
    this.end = end;
  }

  /** The token that comes next, or one further on; undefined at the end. */
  peek(ahead = 0): Token | undefined {
    return this.tokens[this.position + ahead];
  }

  /** Whether there are no more. */
  get done(): boolean {
    return this.position >= this.tokens.length;
  }

  /** Offset of what comes next. */
  get at(): number {
    return this.peek()?.at ?? this.end;
  }

  /** Whether these words or signs come next. */
  is(...words: readonly string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.peek(ahead);
      return token !== undefined && (token.kind === 'word' || token.kind === 'sign') && token.value === word;
    });
  }

  /** Takes these words or signs where they come next; false where they do not. */
  take(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.position += words.length;
    return true;
  }

  /** Takes one of these words; undefined where none comes next. */
  takeOne(...words: readonly string[]): string | undefined {
    return words.find((word) => this.take(word));
  }

  /** Takes these words. Throws ScriptError where others come. */
  expect(...words: readonly string[]): void {
    if (!this.take(...words)) throw this.unexpected(words.join(' '));
  }

  /** Takes whatever comes next. Throws ScriptError at the end. */
  next(): Token {
    const token = this.peek();
    if (!token) throw this.unexpected('more');
    this.position += 1;
    return token;
  }

  /** Takes a name, quoted or not. Throws ScriptError where none comes. */
  name(): string {
    const token = this.peek();
    if (!token || !(token.kind === 'word' || token.kind === 'name' || (token.kind === 'text' && token.raw.startsWith('"')))) {
      throw this.unexpected('a name');
    }
    this.position += 1;
    return token.kind === 'word' ? token.raw : token.value;
  }

  /** Takes the name of a table with or without its database: `users`, `shop.users`. */
  table(): string {
    const first = this.name();
    return this.take('.') ? `${first}.${this.name()}` : first;
  }

  /** Takes what stands in parentheses, those within included, and gives it without the outer ones; undefined where none comes next. */
  parentheses(): readonly Token[] | undefined {
    if (!this.is('(')) return undefined;
    const from = this.position + 1;
    let depth = 0;
    do {
      const token = this.next();
      if (token.raw === '(') depth += 1;
      if (token.raw === ')') depth -= 1;
    } while (depth > 0);
    return this.tokens.slice(from, this.position - 1);
  }

  /** Takes a list of names in parentheses. */
  names(): string[] {
    const tokens = this.parentheses();
    if (!tokens) throw this.unexpected('(');
    return splitAtCommas(tokens).flatMap(([first]) => (first ? (first.kind === 'word' ? first.raw : first.value) : []));
  }

  /** Takes what stands in parentheses, and gives a cursor for each part between the commas. */
  list(): Cursor[] {
    const tokens = this.parentheses() ?? [];
    return splitAtCommas(tokens).map((part) => new Cursor(part, this.at));
  }

  /** Everything that is left. */
  rest(): readonly Token[] {
    const left = this.tokens.slice(this.position);
    this.position = this.tokens.length;
    return left;
  }

  /** The error that something else was expected. */
  unexpected(expected: string): ScriptError {
    const token = this.peek();
    return new ScriptError(`expected ${expected}${token ? `, found ${token.raw}` : ' before the end'}`, this.at);
  }
}

/** Cuts tokens at the commas that stand in no parentheses. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.raw === '(') depth += 1;
    if (token.raw === ')') depth -= 1;
    if (token.raw === ',' && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}
