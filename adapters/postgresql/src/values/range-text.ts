/** A range as it stands in the server's text form; a missing bound is null. */
export interface RangeText {
  readonly empty: boolean;
  readonly lower: string | null;
  readonly upper: string | null;
  readonly lower_inclusive: boolean;
  readonly upper_inclusive: boolean;
}

/** Takes `[1,10)`, `("a,b",]` or `empty` apart. */
export function parseRange(text: string): RangeText {
  if (text === 'empty') return { empty: true, lower: null, upper: null, lower_inclusive: false, upper_inclusive: false };
  let position = 1;
  const readBound = (): string | null => {
    let value = '';
    let seen = false;
    let quoted = false;
    for (; position < text.length; position++) {
      const char = text[position]!;
      if (char === '\\') value += text[++position] ?? '';
      else if (char === '"') {
        // A doubled quote inside quotes is one quote.
        if (quoted && text[position + 1] === '"') value += text[++position];
        else quoted = !quoted;
      } else if (!quoted && (char === ',' || char === ')' || char === ']')) break;
      else value += char;
      seen = true;
    }
    return seen ? value : null;
  };
  const lower = readBound();
  position++;
  const upper = readBound();
  return { empty: false, lower, upper, lower_inclusive: text[0] === '[', upper_inclusive: text[position] === ']' };
}

/** The text form of a range, its bounds quoted. */
export function printRange(range: RangeText): string {
  if (range.empty) return 'empty';
  const bound = (value: string | null): string => (value === null ? '' : `"${value.replace(/["\\]/g, '\\$&')}"`);
  return `${range.lower_inclusive ? '[' : '('}${bound(range.lower)},${bound(range.upper)}${range.upper_inclusive ? ']' : ')'}`;
}
