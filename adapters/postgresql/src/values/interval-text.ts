/** An interval as the server keeps it: three parts that do not turn into each other. */
export interface IntervalParts {
  readonly months: bigint;
  readonly days: bigint;
  readonly microseconds: bigint;
}

const pattern =
  /^(-?)P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d+))?S)?)?$/;

/** Reads an ISO 8601 duration; undefined where the text is none, or has more than six digits of a second. */
export function parseInterval(text: string): IntervalParts | undefined {
  const match = pattern.exec(text);
  if (!match || text === 'P' || text.endsWith('T')) return undefined;
  const [, sign, years, months, weeks, days, hours, minutes, secondSign, seconds, fraction = ''] = match;
  if (fraction.length > 6) return undefined;
  const whole = (part: string | undefined): bigint => BigInt(part ?? '0');
  const factor = sign === '-' ? -1n : 1n;
  const micro = BigInt(`${seconds ?? '0'}${fraction.padEnd(6, '0')}`) * (secondSign === '-' ? -1n : 1n);
  return {
    months: factor * (whole(years) * 12n + whole(months)),
    days: factor * (whole(weeks) * 7n + whole(days)),
    microseconds: factor * ((whole(hours) * 60n + whole(minutes)) * 60_000_000n + micro),
  };
}

/** Prints an interval as the server does in the style iso_8601. */
export function printInterval({ months, days, microseconds }: IntervalParts): string {
  if (months === 0n && days === 0n && microseconds === 0n) return 'PT0S';
  const part = (value: bigint, unit: string): string => (value === 0n ? '' : `${value}${unit}`);
  let text = `P${part(months / 12n, 'Y')}${part(months % 12n, 'M')}${part(days, 'D')}`;
  if (microseconds === 0n) return text;
  text += `T${part(microseconds / 3_600_000_000n, 'H')}${part((microseconds / 60_000_000n) % 60n, 'M')}`;
  const rest = microseconds % 60_000_000n;
  if (rest === 0n) return text;
  const size = rest < 0n ? -rest : rest;
  const fraction = String(size % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${text}${rest < 0n ? '-' : ''}${size / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}S`;
}
