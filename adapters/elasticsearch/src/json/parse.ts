import { type JsonFields, type JsonNode, JsonNumber } from './node.ts';

const quote = 34;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;
const comma = 44;

/** Text that is not JSON; the server sends none, so it was cut on its way. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** A part of a JSON text that was not parsed. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Parses JSON without loss: numbers keep their digits, fields their order. Throws JsonSyntaxError. */
export function parseJsonText(text: string): JsonNode {
  const parser = new Parser(text, undefined);
  const node = parser.value() as JsonNode;
  parser.end();
  return node;
}

/** Parses an object. Throws JsonSyntaxError where the text is something else. */
export function parseFields(text: string): JsonFields {
  const node = parseJsonText(text);
  if (node instanceof Map) return node;
  throw new JsonSyntaxError('the text is JSON, but no object');
}

/** An object of an answer: plain numbers, and what was asked for as the text it has. */
export interface Answer {
  [field: string]: AnswerValue;
}

/** A value of an answer. */
export type AnswerValue = null | boolean | number | string | RawJson | AnswerValue[] | Answer;

/** Parses an answer of the server whose own numbers are small, and leaves the values of one field name (`_source`) as the text they are. */
export function parseAnswer(text: string, rawField: string): Answer {
  const parser = new Parser(text, rawField);
  const answer = parser.value() as AnswerValue;
  parser.end();
  return answer as Answer;
}

class Parser {
  private readonly text: string;
  private readonly rawField: string | undefined;
  private at = 0;

  constructor(text: string, rawField: string | undefined) {
    this.text = text;
    this.rawField = rawField;
  }

  value(): unknown {
    const code = this.next();
    if (code === quote) return this.string();
    if (code === openBrace) return this.object();
    if (code === openBracket) return this.array();
    return this.scalar();
  }

  end(): void {
    this.next();
    if (this.at < this.text.length) throw this.wrong();
  }

  /** The code of the next character that is no white space; it is not consumed. */
  private next(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      this.at++;
    }
  }

  private string(): string {
    const start = this.at;
    this.skipString();
    const raw = this.text.slice(start + 1, this.at - 1);
    return raw.includes('\\') ? (JSON.parse(this.text.slice(start, this.at)) as string) : raw;
  }

  private skipString(): void {
    for (let at = this.at + 1; ; at++) {
      const code = this.text.charCodeAt(at);
      if (code === backslash) at++;
      else if (code === quote) {
        this.at = at + 1;
        return;
      } else if (Number.isNaN(code)) throw this.wrong();
    }
  }

  private object(): unknown {
    const lossless = this.rawField === undefined;
    const fields = new Map<string, unknown>();
    this.at++;
    if (this.next() === closeBrace) this.at++;
    else {
      for (;;) {
        if (this.next() !== quote) throw this.wrong();
        const name = this.string();
        if (this.text[this.skipSpace()] !== ':') throw this.wrong();
        this.at++;
        fields.set(name, name === this.rawField ? this.raw() : this.value());
        if (this.closed(closeBrace)) break;
      }
    }
    return lossless ? fields : Object.fromEntries(fields);
  }

  private array(): unknown[] {
    const elements: unknown[] = [];
    this.at++;
    if (this.next() === closeBracket) {
      this.at++;
      return elements;
    }
    do elements.push(this.value());
    while (!this.closed(closeBracket));
    return elements;
  }

  /** Consumes a comma (false) or the end of the container (true). */
  private closed(end: number): boolean {
    const code = this.next();
    if (code !== comma && code !== end) throw this.wrong();
    this.at++;
    return code === end;
  }

  private scalar(): unknown {
    const match = /[-+.0-9a-zA-Z]+/y;
    match.lastIndex = this.at;
    const word = match.exec(this.text)?.[0] ?? '';
    this.at += word.length;
    if (word === 'null') return null;
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (!/^-?\d/.test(word)) throw this.wrong();
    return this.rawField === undefined ? new JsonNumber(word) : Number(word);
  }

  private raw(): RawJson {
    const start = this.skipSpace();
    let depth = 0;
    do {
      const code = this.next();
      if (code === quote) this.skipString();
      else if (code === openBrace || code === openBracket) {
        depth++;
        this.at++;
      } else if (code === closeBrace || code === closeBracket) {
        depth--;
        this.at++;
      } else if (Number.isNaN(code)) throw this.wrong();
      else this.at++;
    } while (depth > 0);
    return new RawJson(this.text.slice(start, this.at));
  }

  private skipSpace(): number {
    this.next();
    return this.at;
  }

  private wrong(): JsonSyntaxError {
    return new JsonSyntaxError(`the text is no JSON at character ${this.at}`);
  }
}
