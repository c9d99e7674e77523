/** JSON text as MySQL's own type prints it. */
export interface ServerJson {
  readonly text: string;
  /** Whether a field stands in another place, or one of two with the same name is gone. */
  readonly reordered: boolean;
  /** Whether a number has more digits than a double, or more than the server's parser reads exactly. */
  readonly inexact: boolean;
}

/**
 * What MySQL makes of a JSON text: keys sorted by length and then by bytes, the last of equal keys kept, numbers beyond 64 bits and with a
 * point as doubles, one space after colon and comma. The text must be valid JSON.
 */
export function toServerJson(text: string): ServerJson {
  let reordered = false;
  let inexact = false;
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
    if (char === '"') return JSON.stringify(JSON.parse(readString()));
    const start = position;
    while (position < text.length && !/[\s,\]}]/.test(text[position]!)) position++;
    const token = text.slice(start, position);
    if (/^[tfn]/.test(token)) return token;
    const number = serverNumber(token);
    inexact ||= number.inexact;
    return number.text;
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
    let count = 0;
    position++;
    for (skip(); text[position] !== '}'; skip()) {
      const key = JSON.parse(readString()) as string;
      skip();
      position++;
      entries.set(key, readValue());
      count++;
      skip();
      if (text[position] === ',') position++;
    }
    position++;
    const sorted = [...entries].map(([key, value]) => ({ key, value, bytes: Buffer.from(key) }));
    sorted.sort((left, right) => left.bytes.length - right.bytes.length || Buffer.compare(left.bytes, right.bytes));
    const order = [...entries.keys()];
    reordered ||= count !== entries.size || sorted.some(({ key }, index) => key !== order[index]);
    return `{${sorted.map(({ key, value }) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`;
  };
  return { text: readValue(), reordered, inexact };
}

/** Whole numbers of 64 bits stay; others are doubles, printed with a point between 1e-15 and 1e15. */
function serverNumber(token: string): { text: string; inexact: boolean } {
  if (/^-?\d+$/.test(token)) {
    const whole = BigInt(token);
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return { text: String(whole), inexact: false };
  }
  const number = Number(token);
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const exponent = Number(/[eE](.*)$/.exec(token)?.[1] ?? 0) - (/\.(\d*)/.exec(token)?.[1]?.length ?? 0);
  // The server multiplies mantissa and power of ten, which is exact only where both are doubles.
  const inexact = !Number.isSafeInteger(Number(digits || '0')) || Math.abs(exponent) > 22;
  const size = Math.abs(number);
  if (size === 0) return { text: token.startsWith('-') ? '-0.0' : '0.0', inexact };
  if (size >= 1e15 || size < 1e-15) return { text: number.toExponential().replace('e+', 'e'), inexact };
  const plain = size >= 1e-6 ? String(number) : fixed(number);
  return { text: plain.includes('.') ? plain : `${plain}.0`, inexact };
}

function fixed(number: number): string {
  const [mantissa = '', exponent = '0'] = number.toExponential().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`;
}
