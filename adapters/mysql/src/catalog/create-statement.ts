import { closing, joined, type SqlToken, splitList, tokenize, unquote } from '../sql-tokens.ts';

/** A part of an index. */
export interface IndexPart {
  /** The column; undefined for an expression. */
  readonly field: string | undefined;
  /** The part as the server prints it: a name with its length and direction, or an expression. */
  readonly sql: string;
  readonly descending: boolean;
  /** Characters or bytes of the column that are in the index; undefined: all. */
  readonly prefix: number | undefined;
}

/** An index of a table. */
export interface TableIndex {
  /** `PRIMARY` for the primary key. */
  readonly name: string;
  readonly kind: 'primary' | 'unique' | 'plain' | 'fulltext' | 'spatial';
  readonly parts: readonly IndexPart[];
  /** As the server prints it, complete enough to build it again. */
  readonly definition: string;
}

/** A check or foreign key of a table. */
export interface TableConstraint {
  readonly name: string;
  readonly kind: 'check' | 'foreign_key';
  /** As the server prints it, beginning with CONSTRAINT. */
  readonly definition: string;
  /** A foreign key's own columns. */
  readonly fields: readonly string[];
}

/** What SHOW CREATE TABLE says, taken apart. */
export interface CreateStatement {
  /** Each column's definition behind its name, in order. */
  readonly columns: ReadonlyMap<string, string>;
  readonly indexes: readonly TableIndex[];
  readonly constraints: readonly TableConstraint[];
  /** What stands in the list beside these: periods of MariaDB. */
  readonly others: readonly string[];
  /** What stands behind the list: engine, character set, comment, partitions. */
  readonly options: string;
}

/** Takes the text of SHOW CREATE TABLE apart. */
export function parseCreateStatement(text: string): CreateStatement {
  const tokens = tokenize(text);
  const open = tokens.findIndex((token) => token.text === '(');
  const close = closing(tokens, open);
  const columns = new Map<string, string>();
  const indexes: TableIndex[] = [];
  const constraints: TableConstraint[] = [];
  const others: string[] = [];
  for (const part of splitList(tokens.slice(open + 1, close))) {
    const [first] = part;
    if (first!.kind === 'name') columns.set(unquote(first!.text), joined(part.slice(1)).trim());
    else if (/^CONSTRAINT$/i.test(first!.text)) constraints.push(toConstraint(part));
    else if (/^(PRIMARY|UNIQUE|KEY|INDEX|FULLTEXT|SPATIAL)$/i.test(first!.text)) indexes.push(toIndex(part));
    else others.push(joined(part));
  }
  return { columns, indexes, constraints, others, options: joined(tokens.slice(close + 1)).trim() };
}

const kinds: Readonly<Record<string, TableIndex['kind']>> = {
  PRIMARY: 'primary',
  UNIQUE: 'unique',
  FULLTEXT: 'fulltext',
  SPATIAL: 'spatial',
};

function toIndex(part: readonly SqlToken[]): TableIndex {
  const open = part.findIndex((token) => token.text === '(');
  const name = part.slice(0, open).find((token) => token.kind === 'name');
  const kind = kinds[part[0]!.text.toUpperCase()] ?? 'plain';
  return {
    name: kind === 'primary' ? 'PRIMARY' : unquote(name?.text ?? ''),
    kind,
    parts: splitList(part.slice(open + 1, closing(part, open))).map(toPart),
    definition: joined(part),
  };
}

function toPart(tokens: readonly SqlToken[]): IndexPart {
  const sql = joined(tokens);
  const descending = /^DESC$/i.test(tokens.at(-1)!.text);
  if (tokens[0]!.kind !== 'name') return { field: undefined, sql, descending, prefix: undefined };
  const length = /^`(?:[^`]|``)*`\s*\((\d+)\)/.exec(sql)?.[1];
  return { field: unquote(tokens[0]!.text), sql, descending, prefix: length === undefined ? undefined : Number(length) };
}

function toConstraint(part: readonly SqlToken[]): TableConstraint {
  const words = part.filter((token) => token.kind !== 'space');
  const definition = joined(part);
  const check = /^CHECK$/i.test(words[2]?.text ?? '');
  const open = part.findIndex((token) => token.text === '(');
  const fields = check ? [] : splitList(part.slice(open + 1, closing(part, open))).map(([name]) => unquote(name!.text));
  return { name: unquote(words[1]!.text), kind: check ? 'check' : 'foreign_key', definition, fields };
}

/** The condition of a check, without the parentheses of the keyword. */
export function checkCondition(definition: string): string {
  const tokens = tokenize(definition);
  const word = tokens.findIndex((token) => /^CHECK$/i.test(token.text));
  const open = tokens.findIndex((token, index) => index > word && token.text === '(');
  return joined(tokens.slice(open + 1, closing(tokens, open))).trim();
}
