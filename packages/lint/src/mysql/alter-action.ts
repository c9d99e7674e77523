import { type Column, readColumn } from './column.ts';
import type { Cursor } from './cursor.ts';
import { isKey, type Key, readKey } from './key.ts';

/** One action of ALTER TABLE. */
export type AlterAction = { readonly at: number } & (
  | { readonly kind: 'add_column'; readonly column: Column }
  | { readonly kind: 'change_column'; readonly old: string; readonly column: Column }
  | { readonly kind: 'drop_column'; readonly name: string }
  | { readonly kind: 'rename_column'; readonly old: string; readonly name: string }
  | { readonly kind: 'set_default' | 'drop_default'; readonly name: string }
  | { readonly kind: 'add_key'; readonly key: Key }
  | { readonly kind: 'drop_index' | 'drop_foreign_key' | 'drop_constraint'; readonly name: string }
  | { readonly kind: 'drop_primary_key' }
  | { readonly kind: 'rename_index'; readonly old: string; readonly name: string }
  | { readonly kind: 'index_visibility'; readonly name: string; readonly visible: boolean }
  | { readonly kind: 'rename_table'; readonly name: string }
  | { readonly kind: 'convert_charset'; readonly charset: string }
  /** A table option in capitals, like `ENGINE`, with its value. */
  | { readonly kind: 'option'; readonly name: string; readonly value: string }
  /** What is done to partitions: `PARTITION BY`, `REORGANIZE`, `DROP`, `EXCHANGE`, ... */
  | { readonly kind: 'partition'; readonly verb: string }
  /** FORCE, ORDER BY, DISABLE KEYS, DISCARD TABLESPACE, ADD SYSTEM VERSIONING, ... */
  | { readonly kind: 'other'; readonly verb: string }
);

type Body = AlterAction extends infer Each ? (Each extends AlterAction ? Omit<Each, 'at'> : never) : never;

/** Reads one action; a list of columns in parentheses gives several. Throws ScriptError. */
export function readAction(cursor: Cursor): AlterAction[] {
  const { at } = cursor;
  const of = (body: Body): AlterAction[] => [{ ...body, at } as AlterAction];
  if (cursor.take('ADD')) return readAdd(cursor, at);
  if (cursor.take('MODIFY')) {
    cursor.take('COLUMN');
    cursor.take('IF', 'EXISTS');
    const column = readColumn(cursor);
    return of({ kind: 'change_column', old: column.name, column });
  }
  if (cursor.take('CHANGE')) {
    cursor.take('COLUMN');
    cursor.take('IF', 'EXISTS');
    return of({ kind: 'change_column', old: cursor.name(), column: readColumn(cursor) });
  }
  if (cursor.take('DROP')) return of(readDrop(cursor));
  if (cursor.take('RENAME')) return of(readRename(cursor));
  if (cursor.take('ALTER')) return of(readAlter(cursor));
  if (cursor.take('CONVERT', 'TO')) {
    if (!cursor.take('CHARACTER', 'SET')) cursor.expect('CHARSET');
    const charset = cursor.next().value.toLowerCase();
    if (cursor.take('COLLATE')) cursor.next();
    return of({ kind: 'convert_charset', charset });
  }
  return of(readRemaining(cursor));
}

function readAdd(cursor: Cursor, at: number): AlterAction[] {
  if (cursor.is('PARTITION'))
    return [{ kind: 'partition', verb: cursor.rest().some(({ value }) => value === 'PARTITIONS') ? 'ADD HASH' : 'ADD', at }];
  if (cursor.take('SYSTEM', 'VERSIONING')) return [{ kind: 'other', verb: 'ADD SYSTEM VERSIONING', at }];
  if (cursor.take('PERIOD')) {
    cursor.rest();
    return [{ kind: 'other', verb: 'ADD PERIOD', at }];
  }
  if (isKey(cursor)) return [{ kind: 'add_key', key: readKey(cursor), at }];
  cursor.take('COLUMN');
  cursor.take('IF', 'NOT', 'EXISTS');
  const list = cursor.is('(') ? cursor.list() : undefined;
  if (list) return list.map((each) => ({ kind: 'add_column', column: readColumn(each), at }));
  return [{ kind: 'add_column', column: readColumn(cursor), at }];
}

function readDrop(cursor: Cursor): Body {
  const named = (...words: string[]) => {
    if (!cursor.take(...words)) return false;
    cursor.take('IF', 'EXISTS');
    return true;
  };
  if (named('PRIMARY', 'KEY')) return { kind: 'drop_primary_key' };
  if (named('INDEX') || named('KEY')) return { kind: 'drop_index', name: cursor.name() };
  if (named('FOREIGN', 'KEY')) return { kind: 'drop_foreign_key', name: cursor.name() };
  if (named('CONSTRAINT') || named('CHECK')) return { kind: 'drop_constraint', name: cursor.name() };
  if (cursor.is('PARTITION')) return rest(cursor, { kind: 'partition', verb: 'DROP' });
  if (cursor.take('SYSTEM', 'VERSIONING')) return { kind: 'other', verb: 'DROP SYSTEM VERSIONING' };
  if (cursor.take('PERIOD')) return rest(cursor, { kind: 'other', verb: 'DROP PERIOD' });
  cursor.take('COLUMN');
  cursor.take('IF', 'EXISTS');
  const name = cursor.name();
  cursor.takeOne('RESTRICT', 'CASCADE');
  return { kind: 'drop_column', name };
}

function readRename(cursor: Cursor): Body {
  const pair = (): { old: string; name: string } => {
    cursor.take('IF', 'EXISTS');
    const old = cursor.name();
    cursor.expect('TO');
    return { old, name: cursor.name() };
  };
  if (cursor.take('COLUMN')) return { kind: 'rename_column', ...pair() };
  if (cursor.takeOne('INDEX', 'KEY')) return { kind: 'rename_index', ...pair() };
  cursor.takeOne('TO', 'AS', '=');
  return { kind: 'rename_table', name: cursor.table() };
}

function readAlter(cursor: Cursor): Body {
  if (cursor.takeOne('INDEX', 'KEY')) {
    cursor.take('IF', 'EXISTS');
    const name = cursor.name();
    const visible = cursor.take('VISIBLE') || cursor.take('NOT', 'IGNORED');
    if (!visible && !cursor.takeOne('INVISIBLE', 'IGNORED')) throw cursor.unexpected('VISIBLE or INVISIBLE');
    return { kind: 'index_visibility', name, visible };
  }
  if (cursor.takeOne('CHECK', 'CONSTRAINT')) {
    cursor.rest();
    return { kind: 'other', verb: 'ALTER CONSTRAINT' };
  }
  cursor.take('COLUMN');
  cursor.take('IF', 'EXISTS');
  const name = cursor.name();
  if (cursor.take('DROP', 'DEFAULT')) return { kind: 'drop_default', name };
  cursor.expect('SET');
  if (cursor.takeOne('VISIBLE', 'INVISIBLE')) return { kind: 'other', verb: 'COLUMN VISIBILITY' };
  cursor.expect('DEFAULT');
  cursor.rest();
  return { kind: 'set_default', name };
}

const partitionVerbs = [
  'REORGANIZE',
  'COALESCE',
  'EXCHANGE',
  'TRUNCATE',
  'REBUILD',
  'OPTIMIZE',
  'ANALYZE',
  'CHECK',
  'REPAIR',
  'CONVERT',
];

function readRemaining(cursor: Cursor): Body {
  if (cursor.take('PARTITION', 'BY')) return rest(cursor, { kind: 'partition', verb: 'PARTITION BY' });
  if (cursor.take('REMOVE', 'PARTITIONING')) return { kind: 'partition', verb: 'REMOVE' };
  const verb = partitionVerbs.find((word) => cursor.is(word, 'PARTITION'));
  if (verb) return rest(cursor, { kind: 'partition', verb });
  for (const words of [
    'FORCE',
    'ORDER BY',
    'ENABLE KEYS',
    'DISABLE KEYS',
    'DISCARD',
    'IMPORT',
    'WITH VALIDATION',
    'WITHOUT VALIDATION',
  ]) {
    if (cursor.take(...words.split(' '))) return rest(cursor, { kind: 'other', verb: words });
  }
  return readOption(cursor);
}

function rest(cursor: Cursor, body: Body): Body {
  cursor.rest();
  return body;
}

/** Reads a table option: `ENGINE = InnoDB`, `DEFAULT CHARSET utf8mb4`, `COMMENT 'x'`. */
export function readOption(cursor: Cursor): { kind: 'option'; name: string; value: string } {
  cursor.take('DEFAULT');
  const characterSet = cursor.take('CHARACTER', 'SET');
  const directory = cursor.takeOne('DATA', 'INDEX');
  const token = characterSet ? undefined : cursor.next();
  if (token && token.kind !== 'word') throw cursor.unexpected('an action or option');
  if (token && !/^[A-Z_]+$/.test(token.value)) throw cursor.unexpected('an action or option');
  const name =
    characterSet || token?.value === 'CHARSET' ? 'CHARSET' : `${directory ? `${directory} ` : ''}${token?.value ?? ''}`;
  cursor.take('=');
  if (cursor.is('(')) return { kind: 'option', name, value: (cursor.parentheses() ?? []).map(({ value }) => value).join(' ') };
  return { kind: 'option', name, value: cursor.next().value };
}
