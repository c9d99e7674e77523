import { ConversionError } from '@polyshift/core';

/** A value in a JSON text, with its place: from `start` up to `end`. */
export type JsonNode =
  | { readonly kind: 'object'; readonly start: number; readonly end: number; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly start: number; readonly end: number; readonly elements: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly start: number; readonly end: number }
  | { readonly kind: 'number'; readonly start: number; readonly end: number }
  | { readonly kind: 'word'; readonly start: number; readonly end: number };

/** A member of an object. */
export interface JsonMember {
  readonly name: string;
  /** Where its name begins, at the quotation mark. */
  readonly start: number;
  readonly nameEnd: number;
  readonly value: JsonNode;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\n\r]*/y;
const string = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Reads JSON text without losing where its parts stand, nor the digits of its numbers. Throws ConversionError. */
export function parseNodes(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value();
  reader.skip();
  if (reader.at !== text.length) throw reader.wrong();
  return node;
}

class Reader {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(): JsonNode {
    this.skip();
    const start = this.at;
    switch (this.text[start]) {
      case '{':
        return { kind: 'object', start, members: this.list('}', () => this.member()), end: this.at };
      case '[':
        return { kind: 'array', start, elements: this.list(']', () => this.value()), end: this.at };
      case '"':
        return { kind: 'string', start, end: this.take(string) };
      case 't':
      case 'f':
      case 'n':
        return { kind: 'word', start, end: this.take(word) };
      default:
        return { kind: 'number', start, end: this.take(number) };
    }
  }

  skip(): void {
    this.take(space);
  }

  wrong(): ConversionError {
    return new ConversionError(`not JSON: unexpected ${JSON.stringify(this.text[this.at] ?? 'end')} at position ${this.at}`);
  }

  private member(): JsonMember {
    this.skip();
    const start = this.at;
    const nameEnd = this.take(string);
    this.skip();
    if (this.text[this.at] !== ':') throw this.wrong();
    this.at++;
    return { name: JSON.parse(this.text.slice(start, nameEnd)) as string, start, nameEnd, value: this.value() };
  }

  private list<Part>(close: string, part: () => Part): Part[] {
    const parts: Part[] = [];
    this.at++;
    this.skip();
    if (this.text[this.at] === close) {
      this.at++;
      return parts;
    }
    for (;;) {
      parts.push(part());
      this.skip();
      const sign = this.text[this.at];
      if (sign !== ',' && sign !== close) throw this.wrong();
      this.at++;
      if (sign === close) return parts;
    }
  }

  private take(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw this.wrong();
    this.at = pattern.lastIndex;
    return this.at;
  }
}
