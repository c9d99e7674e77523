import { type Decimal128, Double, Int32, Long } from 'mongodb';
import { toDecimal128 } from './decimal.ts';

/** What reading a JSON text has lost, besides white space. */
export interface JsonLosses {
  /** Keys that stand twice in an object: the last one wins, as in PostgreSQL's jsonb. */
  duplicateKeys: number;
  /** Numbers that no BSON type holds exactly. */
  rounded: number;
}

/** What a string of JSON cannot hold as it is: escapes, and control characters, which are errors. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const escaped = /[\\\u0000-\u001f]/;

/**
 * Reads JSON text into BSON values without losing digits: integers become Int32, Long or Decimal128, other numbers Double where the
 * shortest text of the double is the number itself, else Decimal128. Objects become Maps, so that the order of keys and odd keys stay.
 *
 * @throws SyntaxError with the position for what is not JSON
 */
export function parseJsonText(text: string, losses: JsonLosses): unknown {
  let position = 0;

  const skip = (): void => {
    for (;;) {
      const code = text.charCodeAt(position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      position++;
    }
  };
  const failure = (): SyntaxError => new SyntaxError(`not JSON at position ${position}`);
  const expectWord = (word: string, value: unknown): unknown => {
    if (!text.startsWith(word, position)) throw failure();
    position += word.length;
    return value;
  };
  const string = (): string => {
    const start = position++;
    const quote = text.indexOf('"', position);
    const plainText = quote < 0 ? undefined : text.slice(position, quote);
    if (plainText !== undefined && !escaped.test(plainText)) {
      position = quote + 1;
      return plainText;
    }
    while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
    if (position >= text.length) throw failure();
    return JSON.parse(text.slice(start, ++position)) as string;
  };
  const number = (): unknown => {
    const match = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    match.lastIndex = position;
    const found = match.exec(text)?.[0];
    if (found === undefined) throw failure();
    position += found.length;
    return jsonNumber(found, losses);
  };
  const list = (): unknown[] => {
    const values: unknown[] = [];
    position++;
    skip();
    if (text[position] === ']') return expectWord(']', values) as unknown[];
    for (;;) {
      values.push(value());
      if (text[position] === ',') position++;
      else return expectWord(']', values) as unknown[];
    }
  };
  const object = (): Map<string, unknown> => {
    const fields = new Map<string, unknown>();
    position++;
    skip();
    if (text[position] === '}') return expectWord('}', fields) as Map<string, unknown>;
    for (;;) {
      skip();
      if (text[position] !== '"') throw failure();
      const name = string();
      skip();
      expectWord(':', undefined);
      if (fields.delete(name)) losses.duplicateKeys++;
      fields.set(name, value());
      if (text[position] === ',') position++;
      else return expectWord('}', fields) as Map<string, unknown>;
    }
  };
  const value = (): unknown => {
    skip();
    const first = text[position];
    let result: unknown;
    if (first === '{') result = object();
    else if (first === '[') result = list();
    else if (first === '"') result = string();
    else if (first === 't') result = expectWord('true', true);
    else if (first === 'f') result = expectWord('false', false);
    else if (first === 'n') result = expectWord('null', null);
    else result = number();
    skip();
    return result;
  };

  const result = value();
  if (position < text.length) throw failure();
  return result;
}

/** The BSON number of a JSON number. */
export function jsonNumber(text: string, losses: JsonLosses): Int32 | Long | Double | Decimal128 {
  if (/^-?\d+$/.test(text) && text !== '-0') {
    const integer = BigInt(text);
    if (integer >= -2147483648n && integer <= 2147483647n) return new Int32(Number(integer));
    if (BigInt.asIntN(64, integer) === integer) return Long.fromBigInt(integer);
  } else {
    const number = Number(text);
    if (Number.isFinite(number) && plain(String(number)) === plain(text)) return new Double(number);
  }
  const decimal = toDecimal128(text);
  if (!decimal.exact) losses.rounded++;
  return decimal.value;
}

/** Significant digits and exponent, so that `1.50`, `1.5` and `15e-1` are the same text. */
function plain(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = (whole! + fraction).replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return `${sign}0`;
  return `${sign}${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`;
}
