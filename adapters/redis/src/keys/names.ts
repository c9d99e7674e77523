/** How names begin that stand for something else than the text: bytes that are no UTF-8, and polyshift's own fields of a raw row. */
const sign = '\0';

/** Bytes of a key or field as a name: UTF-8, or NUL, `x` and hexadecimal digits where they are none (or begin with a NUL). */
export function nameOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (bytes[0] !== 0 && (!text.includes('\ufffd') || Buffer.from(text).equals(bytes))) return text;
  return `${sign}x${bytes.toString('hex')}`;
}

/** The way back from {@link nameOf}. */
export function bytesOf(name: string): Buffer {
  return name.startsWith(`${sign}x`) ? Buffer.from(name.slice(2), 'hex') : Buffer.from(name);
}

/** Whether a name stands for its own text, in UTF-8. */
export function isPlainName(name: string): boolean {
  return !name.startsWith(sign);
}

/** Whether a name can be that of a field: one that begins with a NUL must stand for bytes, or it would be taken for polyshift's own. */
export function isFieldName(name: string): boolean {
  return !name.startsWith(sign) || /^\0x(?:[0-9a-f]{2})*$/.test(name);
}

/** A text as a glob pattern of SCAN that matches itself alone. */
export function literalPattern(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, '\\$&');
}
