import { plainDecimal } from './decimal-text.ts';

/**
 * JSON text as `jsonb` prints it: keys sorted by length and then by bytes, the last of equal keys kept, numbers without exponent, one space
 * after colon and comma. Needed to say what a written value will look like when it is read. Throws a SyntaxError for text that is no JSON.
 */
export function toJsonbText(text: string): string {
  // The syntax is checked by the engine; what follows may then trust it.
  JSON.parse(text);
  let position = 0;
  const skip = (): void => {
    while (position < text.length && text.charCodeAt(position) <= 32) position++;
  };
  const readString = (): string => {
    const start = position++;
    while (text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
    return text.slice(start, ++position);
  };
  const readValue = (): string => {
    skip();
    const char = text[position]!;
    if (char === '{') return readObject();
    if (char === '[') return readArray();
    if (char === '"') return printString(JSON.parse(readString()) as string);
    const start = position;
    while (position < text.length && !/[\s,\]}]/.test(text[position]!)) position++;
    const token = text.slice(start, position);
    return /^[tfn]/.test(token) ? token : jsonbNumber(token);
  };
  const readArray = (): string => {
    const parts: string[] = [];
    position++;
    for (skip(); text[position] !== ']'; skip()) {
      parts.push(readValue());
      skip();
      if (text[position] === ',') position++;
    }
    position++;
    return `[${parts.join(', ')}]`;
  };
  const readObject = (): string => {
    const entries = new Map<string, string>();
    position++;
    for (skip(); text[position] !== '}'; skip()) {
      const key = JSON.parse(readString()) as string;
      skip();
      position++;
      entries.set(key, readValue());
      skip();
      if (text[position] === ',') position++;
    }
    position++;
    const sorted = [...entries].map(([key, value]) => ({ key, value, bytes: Buffer.from(key) }));
    sorted.sort((left, right) => left.bytes.length - right.bytes.length || Buffer.compare(left.bytes, right.bytes));
    return `{${sorted.map(({ key, value }) => `${printString(key)}: ${value}`).join(', ')}}`;
  };
  return readValue();
}

/** The keys of the outermost and all inner objects of a JSON value are in the order that jsonb keeps. */
export function inJsonbOrder(value: unknown): boolean {
  if (value instanceof Map) {
    let last: Buffer | undefined;
    for (const [key, inner] of value as Map<string, unknown>) {
      const bytes = Buffer.from(key);
      if (last && (last.length - bytes.length || Buffer.compare(last, bytes)) > 0) return false;
      last = bytes;
      if (!inJsonbOrder(inner)) return false;
    }
    return true;
  }
  return Array.isArray(value) ? value.every(inJsonbOrder) : true;
}

/** A string as jsonb prints it: only what JSON demands is escaped, and DEL is not. */
function printString(value: string): string {
  return JSON.stringify(value);
}

/** jsonb keeps numbers as numeric: trailing zeros stay, exponents and the sign of zero do not. */
function jsonbNumber(token: string): string {
  const plain = plainDecimal(token);
  return /^-0*(\.0*)?$/.test(plain) ? plain.slice(1) : plain;
}
