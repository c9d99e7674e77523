import { driver } from './driver.ts';

/** The most bytes of an identifier; the server cuts longer ones in silence, so that they are refused before. */
export const identifierBytes = 63;

/** An identifier as SQL, quoted by the driver's rules: a table named `a"; drop table b; --` is just a table. */
export function quote(name: string): string {
  return driver.escapeIdentifier(name);
}

/** A qualified name as SQL. */
export function quoteQualified(schema: string, name: string): string {
  return `${quote(schema)}.${quote(name)}`;
}

/** A list of identifiers as SQL, separated by commas. */
export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** A text as an SQL literal by the driver's rules, for statements that cannot bind parameters (DDL). */
export function literal(text: string): string {
  return driver.escapeLiteral(text);
}

/** A name cut to what an identifier holds, without breaking a character. */
export function cutIdentifier(name: string): string {
  let cut = name;
  while (Buffer.byteLength(cut) > identifierBytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}
