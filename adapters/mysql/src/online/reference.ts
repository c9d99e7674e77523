import { quote, quoteList } from '../identifiers.ts';
import { closing, joined, type SqlToken, splitList, tokenize, unquote } from '../sql-tokens.ts';

/** What a foreign key refers to. */
export interface Reference {
  /** Undefined where it is the database of the key's own table. */
  readonly schema: string | undefined;
  readonly table: string;
  readonly columns: readonly string[];
}

/** What the definition of a foreign key, as SHOW CREATE TABLE prints it, refers to. */
export function referenceOf(definition: string): Reference {
  const { tokens, word, open, close } = parts(definition);
  const names = tokens.slice(word + 1, open).filter(({ kind }) => kind === 'name');
  return {
    schema: names.length > 1 ? unquote(names[0]!.text) : undefined,
    table: unquote(names.at(-1)!.text),
    columns: splitList(tokens.slice(open + 1, close)).map(([name]) => unquote(name!.text)),
  };
}

/** The definition of a foreign key with another name, table and columns to refer to; `table` is SQL. */
export function referring(definition: string, to: { name: string; table: string; columns: readonly string[] }): string {
  const { tokens, word, close } = parts(definition);
  const foreign = tokens.findIndex(({ text }) => /^FOREIGN$/i.test(text));
  return `CONSTRAINT ${quote(to.name)} ${joined(tokens.slice(foreign, word))}REFERENCES ${to.table} (${quoteList(to.columns)})${joined(tokens.slice(close + 1))}`;
}

/** Whether a foreign key changes rows by itself: of which kind that is. */
export function actionOf(definition: string): 'deletes' | 'writes' | undefined {
  const { tokens, close } = parts(definition);
  const rest = joined(tokens.slice(close + 1));
  if (/\bON (DELETE|UPDATE) SET (NULL|DEFAULT)\b|\bON UPDATE CASCADE\b/i.test(rest)) return 'writes';
  return /\bON DELETE CASCADE\b/i.test(rest) ? 'deletes' : undefined;
}

function parts(definition: string): { tokens: SqlToken[]; word: number; open: number; close: number } {
  const tokens = tokenize(definition);
  const word = tokens.findIndex(({ kind, text }) => kind === 'word' && /^REFERENCES$/i.test(text));
  const open = tokens.findIndex(({ text }, index) => index > word && text === '(');
  return { tokens, word, open, close: closing(tokens, open) };
}
