import { ConversionError } from '@polyshift/core';

/** A regular expression as a tree. */
export type PatternNode =
  | { readonly kind: 'unit'; readonly holds: (unit: string) => boolean }
  | { readonly kind: 'place'; readonly at: 'start' | 'end' | 'word' | 'inner' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly PatternNode[] }
  | { readonly kind: 'repeated'; readonly of: PatternNode; readonly least: number; readonly most: number };

/** Groups inside each other, at most: reading them goes as deep into the stack. */
const deepest = 100;

/** What is one unit of text: an escape, a class, a point, or a sign that means itself. */
const unit =
  /\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|c[A-Za-z]|0(?!\d)|[^\dkcpPbB])|\[\^?(?:\\[\s\S]|[^\]\\])*\]|[^\\[\]()|*+?{}^$]|[\]{}]/y;
const quantifier = /(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y;

/**
 * Reads a regular expression in what RE2 and JavaScript have in common: no back references and nothing that looks ahead or behind, as these have no
 * matcher that takes time in proportion to the text.
 *
 * @throws ConversionError for what is no such expression
 */
export function parsePattern(source: string): PatternNode {
  checkSyntax(source);
  let at = 0;
  const tree = alternatives(0);
  if (at < source.length) throw invalid(source, 'a bracket is not opened');
  return tree;

  function alternatives(depth: number): PatternNode {
    if (depth > deepest) throw invalid(source, `more than ${deepest} groups inside each other`);
    const of = [sequence(depth)];
    while (source[at] === '|') {
      at++;
      of.push(sequence(depth));
    }
    return of.length === 1 ? of[0]! : { kind: 'any', of };
  }

  function sequence(depth: number): PatternNode {
    const of: PatternNode[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') of.push(repeated(single(depth)));
    return { kind: 'all', of };
  }

  function single(depth: number): PatternNode {
    const sign = source[at]!;
    if (sign === '^' || sign === '$') {
      at++;
      return { kind: 'place', at: sign === '^' ? 'start' : 'end' };
    }
    const word = source.slice(at, at + 2);
    if (word === '\\b' || word === '\\B') {
      at += 2;
      return { kind: 'place', at: word === '\\b' ? 'word' : 'inner' };
    }
    if (sign === '(') return group(depth);
    const text = taken(unit)?.[0];
    if (text === undefined) throw invalid(source, `not read at character ${at + 1}`);
    return { kind: 'unit', holds: holdsOf(text) };
  }

  function group(depth: number): PatternNode {
    const opened = taken(/\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))/y);
    if (!opened) throw invalid(source, 'it looks ahead or behind');
    const inner = alternatives(depth + 1);
    if (source[at] !== ')') throw invalid(source, 'a bracket is not closed');
    at++;
    return inner;
  }

  function repeated(of: PatternNode): PatternNode {
    const found = taken(quantifier);
    if (!found) return of;
    const sign = found[0][0];
    if (sign !== '{') return { kind: 'repeated', of, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const [, least, comma, most] = found;
    const end = comma === '' ? Number(least) : most === '' ? Infinity : Number(most);
    if (end < Number(least)) throw invalid(source, 'a repetition ends before it begins');
    return { kind: 'repeated', of, least: Number(least), most: end };
  }

  function taken(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = at;
    const found = expression.exec(source);
    if (found) at += found[0].length;
    return found ?? undefined;
  }
}

/** What JavaScript does not take is not taken here either: this grammar need not know every mistake. */
function checkSyntax(source: string): void {
  try {
    new RegExp(source);
  } catch (error) {
    throw invalid(source, (error as Error).message.split(': ').at(-1)!);
  }
}

/** Whether a unit of text meets one unit of the expression, as the engine of JavaScript has it. */
function holdsOf(text: string): (unit: string) => boolean {
  if (text.length === 1 && text !== '.') return (each) => each === text;
  const own = new RegExp(`^${text}$`);
  const known = new Map<string, boolean>();
  return (each) => {
    let holds = known.get(each);
    if (holds === undefined) {
      holds = own.test(each);
      known.set(each, holds);
    }
    return holds;
  };
}

/** The error of a pattern that is not taken. */
export function invalid(source: string, why: string): ConversionError {
  return new ConversionError(`${source.slice(0, 100)} is no regular expression that can be matched: ${why}`);
}
