/**
 * Dates and times between the server's ISO style and the portable form. Years before 1 are `0044-03-15 BC` on the server and `-000043-03-15`
 * in ISO 8601, which has a year 0; years of more than four digits carry a sign and at least six digits.
 */
export function dateToPortable(text: string): string {
  if (text === 'infinity' || text === '-infinity') return text;
  const before = text.endsWith(' BC');
  if (!before && text.length === 10) return text;
  const dash = text.indexOf('-');
  const year = Number(text.slice(0, dash));
  return isoYear(before ? 1 - year : year) + text.slice(dash, dash + 6);
}

/** `2024-01-02 03:04:05.6` to `2024-01-02T03:04:05.6`. */
export function timestampToPortable(text: string): string {
  const before = text.endsWith(' BC');
  if (text.charCodeAt(10) === 32 && !before) return `${text.slice(0, 10)}T${text.slice(11)}`;
  if (text === 'infinity' || text === '-infinity') return text;
  const space = text.indexOf(' ');
  const time = before ? text.slice(space + 1, -3) : text.slice(space + 1);
  return `${dateToPortable(before ? `${text.slice(0, space)} BC` : text.slice(0, space))}T${time}`;
}

/** `2024-01-02 03:04:05+00` to `2024-01-02T03:04:05Z`; connections are set to UTC. */
export function timestamptzToPortable(text: string): string {
  // The common form, a year of four digits: one piece is exchanged.
  if (text.charCodeAt(10) === 32 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
  if (text === 'infinity' || text === '-infinity') return text;
  const plus = text.lastIndexOf('+00');
  return `${timestampToPortable(text.slice(0, plus) + text.slice(plus + 3))}Z`;
}

/** `03:04:05+02` to `03:04:05+02:00`. */
export function timeTzToPortable(text: string): string {
  return /[+-]\d\d$/.test(text) ? `${text}:00` : text;
}

/** A portable date, or the date part of a portable timestamp, as the server prints it, with ` BC` split off. */
function splitYear(text: string): { date: string; suffix: string } {
  const match = /^([+-]?\d+)(-\d\d-\d\d)$/.exec(text);
  if (!match) return { date: text, suffix: '' };
  const year = Number(match[1]);
  if (year > 0) return { date: String(year).padStart(4, '0') + match[2], suffix: '' };
  return { date: String(1 - year).padStart(4, '0') + match[2], suffix: ' BC' };
}

/** The inverse of {@link dateToPortable}. */
export function dateToServer(text: string): string {
  const { date, suffix } = splitYear(text);
  return date + suffix;
}

/** The inverse of {@link timestampToPortable}. */
export function timestampToServer(text: string): string {
  const middle = text.indexOf('T');
  if (middle < 0) return text;
  const { date, suffix } = splitYear(text.slice(0, middle));
  return `${date} ${text.slice(middle + 1)}${suffix}`;
}

/** The inverse of {@link timestamptzToPortable}. */
export function timestamptzToServer(text: string): string {
  if (!text.endsWith('Z')) return text;
  const server = timestampToServer(text.slice(0, -1));
  return server.endsWith(' BC') ? `${server.slice(0, -3)}+00 BC` : `${server}+00`;
}

/** The inverse of {@link timeTzToPortable}. */
export function timeTzToServer(text: string): string {
  return text.replace(/([+-]\d\d):00$/, '$1');
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}
