import { closing, joined, type SqlToken, tokenize } from '../sql-tokens.ts';

/**
 * A column's definition as SHOW CREATE TABLE prints it behind the name, taken apart only as far as it is to be changed. What is not touched stays
 * to the letter: a column is restored from its own text.
 */
export class ColumnDefinition {
  /** The type with its character set and collation. */
  readonly type: string;
  /** The default as SQL; undefined where there is none, or the NULL that is there by itself. */
  readonly default: string | undefined;
  readonly autoIncrement: boolean;
  /** Set to the time of each change that does not name the column. */
  readonly onUpdate: boolean;
  readonly notNull: boolean;
  private readonly attributes: readonly (readonly SqlToken[])[];

  private constructor(type: string, attributes: readonly (readonly SqlToken[])[]) {
    this.type = type;
    this.attributes = attributes;
    const found = (start: RegExp): string | undefined => attributes.map(joined).find((text) => start.test(text));
    const value = found(/^DEFAULT\b/i)?.replace(/^DEFAULT\s*/i, '');
    this.default = value === undefined || /^NULL$/i.test(value) ? undefined : value;
    this.autoIncrement = found(/^AUTO_INCREMENT/i) !== undefined;
    this.onUpdate = found(/^ON UPDATE/i) !== undefined;
    this.notNull = found(/^NOT NULL/i) !== undefined;
  }

  /** Takes a definition apart. */
  static parse(text: string): ColumnDefinition {
    const tokens = tokenize(text);
    const groups: SqlToken[][] = [[]];
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index]!;
      if (startsAttribute(tokens, index)) groups.push([]);
      const group = groups.at(-1)!;
      if (token.text === '(') {
        const end = closing(tokens, index);
        group.push(...tokens.slice(index, end + 1));
        index = end;
      } else group.push(token);
    }
    const [type = [], ...attributes] = groups.map(trimEnd);
    return new ColumnDefinition(joined(type), attributes);
  }

  /** The definition without NOT NULL; a default of its own stays. */
  nullable(): ColumnDefinition {
    return this.withNull('NULL');
  }

  /** The definition with NOT NULL. */
  required(): ColumnDefinition {
    return this.withNull('NOT NULL');
  }

  /** The definition with another default, as SQL; undefined: none. */
  withDefault(value: string | undefined): ColumnDefinition {
    const kept = this.attributes.filter((each) => !/^DEFAULT\b/i.test(joined(each)));
    if (value === undefined) return new ColumnDefinition(this.type, kept);
    const at = kept.findIndex((each) => !/^(NOT NULL|NULL)$/i.test(joined(each)));
    const position = at < 0 ? kept.length : at;
    return new ColumnDefinition(this.type, [...kept.slice(0, position), tokenize(`DEFAULT ${value}`), ...kept.slice(position)]);
  }

  /** The definition with another type; what goes with the old one alone (automatic numbers and times, checks) does not stay. */
  withType(type: string): ColumnDefinition {
    const kept = this.attributes.filter((each) => /^(NOT NULL|NULL|DEFAULT|COMMENT|AUTO_INCREMENT)\b/i.test(joined(each)));
    return new ColumnDefinition(type, kept);
  }

  /** The definition of a column that `SELECT *` does not show. */
  invisible(): ColumnDefinition {
    if (this.attributes.some((each) => /INVISIBLE/i.test(joined(each)))) return this;
    const word = tokenize('INVISIBLE');
    const generated = this.attributes.some((each) => /^(GENERATED|AS)\b/i.test(joined(each)));
    // A column that is computed has its expression directly behind the type, any other takes the word there.
    return new ColumnDefinition(this.type, generated ? [...this.attributes, word] : [word, ...this.attributes]);
  }

  toString(): string {
    return [this.type, ...this.attributes.map(joined)].join(' ');
  }

  private withNull(text: 'NULL' | 'NOT NULL'): ColumnDefinition {
    const kept = this.attributes.filter((each) => {
      const attribute = joined(each);
      if (/^(NOT NULL|NULL)$/i.test(attribute)) return false;
      // A column that must have a value has no default of null.
      return text === 'NULL' || !/^DEFAULT\s+NULL$/i.test(attribute);
    });
    return new ColumnDefinition(this.type, [tokenize(text), ...kept]);
  }
}

const starts =
  /^(NULL|DEFAULT|AUTO_INCREMENT|COMMENT|GENERATED|AS|INVISIBLE|CHECK|REF_SYSTEM_ID|STORAGE|COLUMN_FORMAT|WITH|WITHOUT|COMPRESSED)$/i;

/** Whether an attribute begins here: a word of the list that is not the value of the one before it. */
function startsAttribute(tokens: readonly SqlToken[], index: number): boolean {
  const { kind, text } = tokens[index]!;
  if (kind === 'comment') return true;
  if (kind !== 'word') return false;
  const before = tokens.slice(0, index).findLast((token) => token.kind !== 'space')?.text ?? '';
  if (/^NOT$/i.test(text)) return true;
  if (/^NULL$/i.test(text)) return !/^(NOT|DEFAULT)$/i.test(before);
  if (/^ON$/i.test(text)) return true;
  if (/^AS$/i.test(text)) return !/^ALWAYS$/i.test(before);
  return starts.test(text);
}

function trimEnd(tokens: readonly SqlToken[]): SqlToken[] {
  const end = tokens.findLastIndex((token) => token.kind !== 'space');
  return tokens.slice(0, end + 1);
}
