import type { Cursor } from './cursor.ts';
import { splitAtCommas } from './cursor.ts';

/** A type: `varchar(50)`, `enum('a','b')`, `int unsigned`. */
export interface ColumnType {
  /** In small letters, synonyms brought together: `int`, `varchar`, `double`. */
  readonly name: string;
  /** What stands in parentheses: digits, or the values of an enum or set. */
  readonly parameters: readonly string[];
  readonly unsigned: boolean;
  readonly charset: string | undefined;
  readonly collation: string | undefined;
}

/** A column of CREATE TABLE, ADD, CHANGE or MODIFY. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull: boolean;
  /** Undefined where it has none; an expression is one that the server computes for each row. */
  readonly default: 'constant' | 'null' | 'now' | 'expression' | undefined;
  readonly autoIncrement: boolean;
  readonly primaryKey: boolean;
  readonly unique: boolean;
  readonly generated: 'stored' | 'virtual' | undefined;
  /** The table of an inline REFERENCES. */
  readonly references: string | undefined;
  readonly check: boolean;
  readonly comment: boolean;
  readonly position: 'first' | 'after' | undefined;
  readonly at: number;
}

const synonyms: Readonly<Record<string, string>> = {
  integer: 'int',
  bool: 'tinyint',
  boolean: 'tinyint',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  real: 'double',
  float8: 'double',
  float4: 'float',
  int1: 'tinyint',
  int2: 'smallint',
  int3: 'mediumint',
  int4: 'int',
  int8: 'bigint',
  character: 'char',
  nchar: 'char',
  nvarchar: 'varchar',
  varcharacter: 'varchar',
  serial: 'bigint',
};

/** Reads a column: its name, then its type and attributes. Throws ScriptError. */
export function readColumn(cursor: Cursor, name?: string): Column {
  const at = cursor.at;
  const column = new ColumnParts(name ?? cursor.name(), at);
  column.readType(cursor);
  while (!cursor.done && column.readAttribute(cursor));
  return column.finished();
}

class ColumnParts {
  private readonly name: string;
  private readonly at: number;
  private type = '';
  private parameters: string[] = [];
  private flags = new Set<string>();
  private charset: string | undefined;
  private collation: string | undefined;
  private defaultKind: Column['default'];
  private generated: Column['generated'];
  private references: string | undefined;
  private position: Column['position'];

  constructor(name: string, at: number) {
    this.name = name;
    this.at = at;
  }

  finished(): Column {
    const { name, at, generated, references, position, flags } = this;
    const { type, parameters, charset, collation } = this;
    return {
      name,
      type: { name: type, parameters, unsigned: flags.has('unsigned'), charset, collation },
      notNull: flags.has('not null') || flags.has('primary key'),
      default: this.defaultKind,
      autoIncrement: flags.has('auto_increment'),
      primaryKey: flags.has('primary key'),
      unique: flags.has('unique'),
      generated,
      references,
      check: flags.has('check'),
      comment: flags.has('comment'),
      position,
      at,
    };
  }

  readType(cursor: Cursor): void {
    cursor.take('NATIONAL');
    cursor.take('LONG');
    const word = cursor.name().toLowerCase();
    if (word === 'double') cursor.take('PRECISION');
    const varying = (word === 'char' || word === 'character') && cursor.take('VARYING');
    if (word === 'serial') for (const flag of ['unsigned', 'not null', 'auto_increment', 'unique']) this.flags.add(flag);
    this.type = varying ? 'varchar' : Object.hasOwn(synonyms, word) ? synonyms[word]! : word;
    this.parameters = splitAtCommas(cursor.parentheses() ?? []).flatMap(([token]) => (token ? [token.value] : []));
  }

  /** Reads one attribute; false where none comes next. */
  readAttribute(cursor: Cursor): boolean {
    if (cursor.take('NOT', 'NULL')) this.flags.add('not null');
    else if (cursor.take('UNSIGNED')) this.flags.add('unsigned');
    else if (cursor.take('AUTO_INCREMENT')) this.flags.add('auto_increment');
    else if (cursor.take('DEFAULT')) this.defaultKind = readDefault(cursor);
    else if (cursor.take('ON', 'UPDATE')) readDefault(cursor);
    else if (cursor.take('CHARACTER', 'SET') || cursor.take('CHARSET')) this.charset = wordAfterSign(cursor).toLowerCase();
    else if (cursor.take('COLLATE')) this.collation = wordAfterSign(cursor).toLowerCase();
    else if (cursor.take('PRIMARY', 'KEY') || cursor.take('PRIMARY') || cursor.take('KEY')) this.flags.add('primary key');
    else if (cursor.take('UNIQUE', 'KEY') || cursor.take('UNIQUE')) this.flags.add('unique');
    else if (cursor.take('GENERATED', 'ALWAYS') || cursor.is('AS', '(')) this.readGenerated(cursor);
    else if (cursor.take('REFERENCES')) this.references = readReference(cursor).table;
    else if (cursor.take('CHECK')) this.readCheck(cursor);
    else if (cursor.take('FIRST')) this.position = 'first';
    else if (cursor.take('AFTER')) {
      cursor.name();
      this.position = 'after';
    } else if (cursor.take('COMMENT')) {
      cursor.take('=');
      cursor.next();
      this.flags.add('comment');
    } else return this.readOther(cursor);
    return true;
  }

  /** Attributes that no rule looks at. */
  private readOther(cursor: Cursor): boolean {
    if (cursor.takeOne('NULL', 'ZEROFILL', 'SIGNED', 'BINARY', 'ASCII', 'UNICODE', 'VISIBLE', 'INVISIBLE', 'SERIAL')) return true;
    if (cursor.takeOne('COLUMN_FORMAT', 'STORAGE', 'ENGINE_ATTRIBUTE', 'SECONDARY_ENGINE_ATTRIBUTE', 'SRID', 'REF_SYSTEM_ID')) {
      wordAfterSign(cursor);
      return true;
    }
    if (cursor.takeOne('VIRTUAL', 'STORED', 'PERSISTENT', 'COMPRESSED')) return true;
    if (cursor.take('WITH', 'SYSTEM', 'VERSIONING') || cursor.take('WITHOUT', 'SYSTEM', 'VERSIONING')) return true;
    if (!cursor.take('CONSTRAINT')) return false;
    if (!cursor.is('CHECK') && !cursor.is('REFERENCES')) cursor.name();
    return true;
  }

  private readGenerated(cursor: Cursor): void {
    cursor.expect('AS');
    if (cursor.take('ROW')) {
      cursor.next();
      return;
    }
    if (!cursor.parentheses()) throw cursor.unexpected('(');
    this.generated = cursor.takeOne('STORED', 'PERSISTENT') ? 'stored' : 'virtual';
    cursor.take('VIRTUAL');
  }

  private readCheck(cursor: Cursor): void {
    if (!cursor.parentheses()) throw cursor.unexpected('(');
    const off = cursor.take('NOT', 'ENFORCED');
    cursor.take('ENFORCED');
    if (!off) this.flags.add('check');
  }
}

/** Reads a default. Constants and the time of the statement are the same for all rows. */
function readDefault(cursor: Cursor): Column['default'] {
  if (cursor.is('(')) {
    const tokens = cursor.parentheses() ?? [];
    return tokens.length === 1 && tokens[0]!.kind !== 'word' ? 'constant' : 'expression';
  }
  if (!cursor.takeOne('+', '-')) cursor.take('~');
  const first = cursor.next();
  const called = cursor.parentheses() !== undefined;
  if (/^(CURRENT_TIMESTAMP|NOW|LOCALTIME|LOCALTIMESTAMP|CURDATE|CURRENT_DATE|CURTIME|UTC_TIMESTAMP)$/.test(first.value))
    return 'now';
  if (first.value === 'NULL' && first.kind === 'word') return 'null';
  return called ? 'expression' : 'constant';
}

function wordAfterSign(cursor: Cursor): string {
  cursor.take('=');
  return cursor.next().value;
}

/** What a foreign key points to. */
export interface Reference {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Reads what follows REFERENCES. */
export function readReference(cursor: Cursor): Reference {
  const table = cursor.table();
  const columns = cursor.is('(') ? cursor.names() : [];
  for (;;) {
    if (cursor.take('MATCH')) cursor.next();
    else if (cursor.take('ON', 'DELETE') || cursor.take('ON', 'UPDATE')) {
      if (!cursor.take('SET', 'NULL') && !cursor.take('SET', 'DEFAULT') && !cursor.take('NO', 'ACTION')) cursor.next();
    } else return { table, columns };
  }
}
