/** Writes a number without an exponent: `1e-7` as `0.0000001`. NaN and the infinities are left as they are. */
export function plainDecimal(text: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?[eE]([+-]?\d+)$/.exec(text);
  if (!match) return text.startsWith('+') ? text.slice(1) : text;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(match[4]);
  const plain =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return (sign === '-' ? '-' : '') + plain.replace(/^0+(?=\d)/, '');
}

/** A decimal cut to a scale, rounded half away from zero as the server does, and whether a digit was lost. */
export function roundDecimal(text: string, scale: number): { text: string; exact: boolean } {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return { text, exact: true };
  const [, sign = '', whole = '', fraction = ''] = match;
  if (scale >= 0 && fraction.length <= scale) {
    return { text: scale === 0 ? sign + whole : `${sign}${whole}.${fraction.padEnd(scale, '0')}`, exact: true };
  }
  const digits = whole + fraction;
  const kept = whole.length + scale;
  if (kept < 0) return { text: '0', exact: !/[1-9]/.test(digits) };
  let units = BigInt(digits.slice(0, kept) || '0');
  const lost = digits.slice(kept);
  if (lost[0]! >= '5') units += 1n;
  const rounded = scale >= 0 ? String(units).padStart(scale + 1, '0') : String(units) + '0'.repeat(-scale);
  const point = scale > 0 ? `${rounded.slice(0, -scale)}.${rounded.slice(-scale)}` : rounded;
  const plain = point.replace(/^0+(?=\d)/, '');
  return { text: /[1-9]/.test(plain) ? sign + plain : plain, exact: !/[1-9]/.test(lost) };
}

/** Digits before the point, leading zeros left out. */
export function wholeDigits(text: string): number {
  const whole = /^-?0*(\d*)/.exec(text)?.[1] ?? '';
  return whole.length;
}
