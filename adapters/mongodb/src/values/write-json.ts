import { bsonType } from '../bson/element.ts';
import { type BsonWriter, indexName } from '../bson/writer.ts';
import { escaped, jsonNumber } from './json-text.ts';
import { writeBson } from './write-bson.ts';

/** Digits that a double holds whatever they are (DBL_DIG of C): a decimal with no more of them is the double's own shortest text. */
const exactDigits = 15;

/** What cannot be written in one pass: a key that stands twice, whose last value wins, or a number that is rounded. */
export const needsParsing = Symbol('needs parsing');

/**
 * Writes JSON text as BSON in one pass, as `parseJsonText` would read it. Gives {@link needsParsing} where that is not possible: what was written
 * of the document until then is to be thrown away. Throws a SyntaxError with the position for what is not JSON.
 */
export function writeJson(writer: BsonWriter, text: string): typeof needsParsing | undefined {
  const reader = new JsonWriter(writer, text);
  reader.value();
  if (reader.position < text.length) throw reader.failure();
  return reader.whole ? undefined : needsParsing;
}

class JsonWriter {
  position = 0;
  whole = true;
  private readonly writer: BsonWriter;
  private readonly text: string;

  constructor(writer: BsonWriter, text: string) {
    this.writer = writer;
    this.text = text;
  }

  failure(): SyntaxError {
    return new SyntaxError(`not JSON at position ${this.position}`);
  }

  /** Writes the value at the position, and goes behind it and the white space that follows. */
  value(): void {
    this.skip();
    switch (this.text.charCodeAt(this.position)) {
      case 123:
        this.object();
        break;
      case 91:
        this.list();
        break;
      case 34:
        this.writer.string(this.string());
        break;
      case 116:
        this.word('true');
        this.writer.boolean(true);
        break;
      case 102:
        this.word('false');
        this.writer.boolean(false);
        break;
      case 110:
        this.word('null');
        this.writer.null();
        break;
      default:
        this.number();
    }
    this.skip();
  }

  private skip(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.position++;
    }
  }

  private word(word: string): void {
    if (!this.text.startsWith(word, this.position)) throw this.failure();
    this.position += word.length;
  }

  private object(): void {
    const { text, writer } = this;
    const start = writer.beginNested(bsonType.object);
    const names: string[] = [];
    let known: Set<string> | undefined;
    this.position++;
    this.skip();
    if (text.charCodeAt(this.position) === 125) this.position++;
    else {
      for (;;) {
        this.skip();
        if (text.charCodeAt(this.position) !== 34) throw this.failure();
        const name = this.string();
        this.skip();
        this.word(':');
        // A few names are compared faster than they are hashed.
        if (known ? known.has(name) : names.includes(name)) this.whole = false;
        names.push(name);
        known?.add(name);
        if (names.length === 16) known = new Set(names);
        this.named(name);
        if (text.charCodeAt(this.position) !== 44) break;
        this.position++;
      }
      this.word('}');
    }
    writer.close(start);
  }

  private named(name: string): void {
    this.writer.name(name);
    this.value();
  }

  private list(): void {
    const { text, writer } = this;
    const start = writer.beginNested(bsonType.array);
    this.position++;
    this.skip();
    if (text.charCodeAt(this.position) === 93) this.position++;
    else {
      for (let index = 0; ; index++) {
        writer.nameBytes(indexName(index));
        this.value();
        if (text.charCodeAt(this.position) !== 44) break;
        this.position++;
      }
      this.word(']');
    }
    writer.close(start);
  }

  private string(): string {
    const { text } = this;
    const start = this.position++;
    const quote = text.indexOf('"', this.position);
    const plain = quote < 0 ? undefined : text.slice(this.position, quote);
    if (plain !== undefined && !escaped.test(plain)) {
      this.position = quote + 1;
      return plain;
    }
    while (this.position < text.length && text.charCodeAt(this.position) !== 34) {
      this.position += text.charCodeAt(this.position) === 92 ? 2 : 1;
    }
    if (this.position >= text.length) throw this.failure();
    return JSON.parse(text.slice(start, ++this.position)) as string;
  }

  private number(): void {
    const { text, writer } = this;
    const start = this.position;
    const first = text.charCodeAt(start) === 45 ? start + 1 : start;
    const end = digitsEnd(text, first);
    const whole = end - first;
    const plain = whole > 0 && (whole === 1 || text.charCodeAt(first) !== 48);
    const next = text.charCodeAt(end);
    if (plain && next === 46) {
      const last = digitsEnd(text, end + 1);
      const number = last > end + 1 && last - first <= exactDigits ? Number(text.slice(start, last)) : 0;
      if (number !== 0 && !isExponent(text.charCodeAt(last))) {
        this.position = last;
        writer.double(number);
        return;
      }
    } else if (plain && whole <= 9 && !isExponent(next)) {
      const number = Number(text.slice(start, end));
      if (!Object.is(number, -0)) {
        this.position = end;
        writer.int32(number);
        return;
      }
    }
    this.anyNumber();
  }

  private anyNumber(): void {
    const match = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    match.lastIndex = this.position;
    const found = match.exec(this.text);
    if (!found) throw this.failure();
    const [token, fraction, exponent] = found;
    this.position += token.length;
    const number = token.length <= exactDigits && exponent === undefined ? Number(token) : Number.NaN;
    if (fraction === undefined && (number | 0) === number && token !== '-0') this.writer.int32(number);
    else if (fraction !== undefined && number !== 0 && !Number.isNaN(number)) this.writer.double(number);
    else {
      const losses = { duplicateKeys: 0, rounded: 0 };
      writeBson(this.writer, jsonNumber(token, losses));
      if (losses.rounded > 0) this.whole = false;
    }
  }
}

/** The position behind the digits that begin there. */
function digitsEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at));
  return at;
}

function isExponent(code: number): boolean {
  return (code | 32) === 101;
}
