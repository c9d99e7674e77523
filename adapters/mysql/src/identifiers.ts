import { PolyshiftError } from '@polyshift/core';
import { escapeId, escape as escapeValue } from 'mysql2';

/** The most characters of an identifier. */
export const identifierLength = 64;

/** What every name begins with that polyshift keeps for itself in the migrated database; nobody is shown these. */
export const ownPrefix = 'polyshift_';

/** An identifier as SQL, quoted by the driver's rules: a table named `a"; drop table b; --` is just a table. */
export function quote(name: string): string {
  return escapeId(name, true);
}

/** A qualified name as SQL. */
export function quoteQualified(schema: string, name: string): string {
  return `${quote(schema)}.${quote(name)}`;
}

/** A list of identifiers as SQL, separated by commas. */
export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** A text as an SQL literal by the driver's rules. Sessions have backslash escapes on; see session-settings.ts. */
export function literal(text: string): string {
  return escapeValue(text);
}

/** A name cut to what an identifier holds, without breaking a character. */
export function cutIdentifier(name: string, length: number = identifierLength): string {
  const characters = [...name];
  return characters.length <= length ? name : characters.slice(0, length).join('');
}

/** Throws INVALID_DOCUMENT for a name with characters for which the server puts question marks, without a word. */
export function checkCharacters(name: string): void {
  if (!/[\u{10000}-\u{10ffff}]/u.test(name)) return;
  throw new PolyshiftError('INVALID_DOCUMENT', `The name ${name} has characters that MySQL takes in values, not in names.`, {
    hint: 'Choose one without emoji and other characters beyond U+FFFF.',
  });
}

/** Throws INVALID_DOCUMENT for a name that the server would refuse, or that is polyshift's own. */
export function checkName(name: string): string {
  if ([...name].length > identifierLength) {
    throw new PolyshiftError('INVALID_DOCUMENT', `The name ${name} is longer than the 64 characters that MySQL takes.`, {
      hint: 'Choose a shorter one.',
    });
  }
  if (name.startsWith(ownPrefix)) {
    throw new PolyshiftError('INVALID_DOCUMENT', `The name ${name} is polyshift's own: it would be hidden.`, {
      hint: `Choose one that does not begin with ${ownPrefix}.`,
    });
  }
  checkCharacters(name);
  if (name.endsWith(' ')) {
    throw new PolyshiftError('INVALID_DOCUMENT', `MySQL takes no name that ends with a space: ${JSON.stringify(name)}.`);
  }
  return name;
}
