import type { JsonValue } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { literal } from './identifiers.ts';
import { tokenize } from './sql-tokens.ts';

/** How an option is written: its words in SQL, what kind of value it takes, and what it is where nobody has set it. */
interface OptionForm {
  readonly sql: string;
  readonly value: 'word' | 'number' | 'text';
  /** Undefined: it cannot be set back to a default. */
  readonly unset: string | undefined;
}

const forms: Readonly<Record<string, OptionForm>> = {
  engine: { sql: 'ENGINE', value: 'word', unset: undefined },
  comment: { sql: 'COMMENT', value: 'text', unset: "''" },
  row_format: { sql: 'ROW_FORMAT', value: 'word', unset: 'DEFAULT' },
  charset: { sql: 'DEFAULT CHARSET', value: 'word', unset: undefined },
  collation: { sql: 'COLLATE', value: 'word', unset: undefined },
  auto_increment: { sql: 'AUTO_INCREMENT', value: 'number', unset: '1' },
  key_block_size: { sql: 'KEY_BLOCK_SIZE', value: 'number', unset: '0' },
  avg_row_length: { sql: 'AVG_ROW_LENGTH', value: 'number', unset: '0' },
  min_rows: { sql: 'MIN_ROWS', value: 'number', unset: '0' },
  max_rows: { sql: 'MAX_ROWS', value: 'number', unset: '0' },
  checksum: { sql: 'CHECKSUM', value: 'number', unset: '0' },
  stats_persistent: { sql: 'STATS_PERSISTENT', value: 'word', unset: 'DEFAULT' },
  stats_auto_recalc: { sql: 'STATS_AUTO_RECALC', value: 'word', unset: 'DEFAULT' },
  stats_sample_pages: { sql: 'STATS_SAMPLE_PAGES', value: 'word', unset: 'DEFAULT' },
  compression: { sql: 'COMPRESSION', value: 'text', unset: "'NONE'" },
};

/** One option as SQL: `ENGINE=InnoDB`; null sets it back to the default of the server. Throws INVALID_DOCUMENT. */
export function optionSql(name: string, value: JsonValue): string {
  const form = formOf(name);
  if (value === null) {
    if (form.unset === undefined) throw refused(name, 'it has no default to go back to');
    return `${form.sql}=${form.unset}`;
  }
  const text = String(value);
  if (typeof value === 'object') throw refused(name, 'it takes a text or a number');
  switch (form.value) {
    case 'text':
      return `${form.sql}=${literal(text)}`;
    case 'number':
      if (!/^\d+$/.test(text)) throw refused(name, `${JSON.stringify(text)} is no whole number`);
      return `${form.sql}=${text}`;
    default:
      if (!/^\w+$/.test(text)) throw refused(name, `${JSON.stringify(text)} is no word`);
      return `${form.sql}=${text}`;
  }
}

/** Several options as SQL, in the order in which they are given. */
export function optionsSql(options: Readonly<Record<string, JsonValue>>): string[] {
  return Object.entries(options).map(([name, value]) => optionSql(name, value));
}

/** The options that a table has, by what SHOW CREATE TABLE prints behind the list, as SQL. */
export function printedOptions(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const tokens = tokenize(text).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
  for (const [name, { sql }] of Object.entries(forms)) {
    const words = sql.split(' ');
    const at = tokens.findIndex(
      (_, index) =>
        words.every((word, offset) => tokens[index + offset]?.text.toUpperCase() === word) &&
        tokens[index + words.length]?.text === '=',
    );
    if (at >= 0) found.set(name, `${sql}=${tokens[at + words.length + 1]!.text}`);
  }
  return found;
}

/** What sets an option back to what it is now. */
export function undoSql(name: string, printed: ReadonlyMap<string, string>): string {
  return printed.get(name) ?? optionSql(name, null);
}

function formOf(name: string): OptionForm {
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form) return form;
  throw refused(name, `known are ${Object.keys(forms).join(', ')}`);
}

function refused(name: string, why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `The option ${name} of a table is not carried: ${why}.`, {
    place: { path: `data.options.${name}` },
  });
}
