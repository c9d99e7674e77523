import { quote } from '../identifiers.ts';

/** Types of which two values are equal exactly where their texts are: one operator tells, and nothing has to be made of the values first. */
const exact =
  /^(smallint|integer|bigint|boolean|uuid|date|bytea|time(\(\d\))? without time zone|timestamp(\(\d\))? with(out)? time zone|numeric\(\d+,-?\d+\))$/;
/** Texts are equal by the letter whatever the collation of the column says. */
const text = /^(text|character varying(\(\d+\))?)$/;

/**
 * The condition that some of the columns differ between a row `f`, as it should be, and the row `n` that is there; both have the same types. Values of
 * all other types are the same where their image is; where it is not, their texts decide, as 1.0 and 1.00 are two values of the same image class.
 */
export function differ(columns: readonly { readonly name: string; readonly native: string }[]): string {
  const terms: string[] = [];
  const others: string[] = [];
  for (const { name, native } of columns) {
    const column = quote(name);
    if (exact.test(native)) terms.push(`f.${column} IS DISTINCT FROM n.${column}`);
    else if (text.test(native))
      terms.push(`f.${column} COLLATE pg_catalog."C" IS DISTINCT FROM n.${column} COLLATE pg_catalog."C"`);
    else others.push(column);
  }
  if (others.length > 0) {
    const row = (alias: string): string => `ROW(${others.map((column) => `${alias}.${column}`).join(', ')})`;
    const texts = others.map((column) => `f.${column}::text IS DISTINCT FROM n.${column}::text`);
    terms.push(`(record_image_ne(${row('f')}, ${row('n')}) AND (${texts.join(' OR ')}))`);
  }
  return terms.length === 0 ? 'false' : `(${terms.join(' OR ')})`;
}
