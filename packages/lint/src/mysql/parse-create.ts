import { readOption } from './alter-action.ts';
import { type Column, readColumn } from './column.ts';
import type { Cursor } from './cursor.ts';
import { isKey, type Key, readKey, readKeyParts } from './key.ts';
import { readOnlineClause } from './parse-alter-table.ts';
import type { StatementBody } from './statement.ts';

/** Reads what follows CREATE. Throws ScriptError. */
export function readCreate(cursor: Cursor): StatementBody {
  const { at } = cursor;
  const replace = cursor.take('OR', 'REPLACE');
  const temporary = cursor.take('TEMPORARY');
  if (cursor.take('TABLE')) return readTable(cursor, replace, temporary);
  const word = cursor.takeOne('UNIQUE', 'FULLTEXT', 'SPATIAL', 'VECTOR');
  if (cursor.take('INDEX')) {
    cursor.take('IF', 'NOT', 'EXISTS');
    const name = cursor.name();
    if (cursor.take('USING')) cursor.next();
    cursor.expect('ON');
    const table = cursor.table();
    const kind = (word?.toLowerCase() ?? 'index') as Key['kind'];
    const key: Key = { kind, name, columns: readKeyParts(cursor), references: undefined, enforced: true, at };
    return { kind: 'create_index', table, key, ...readOnlineClause(cursor) };
  }
  return readOther(cursor, replace);
}

function readTable(cursor: Cursor, replace: boolean, temporary: boolean): StatementBody {
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS');
  const table = cursor.table();
  const columns: Column[] = [];
  const keys: Key[] = [];
  const options: Record<string, string> = {};
  let derived = cursor.is('LIKE') || cursor.is('(', 'LIKE');
  if (!derived && cursor.is('(') && !cursor.is('(', 'SELECT')) {
    for (const part of cursor.list()) {
      if (part.take('PERIOD')) continue;
      if (isKey(part)) keys.push(readKey(part));
      else columns.push(readColumn(part));
      if (!part.done && !part.is('PERIOD')) throw part.unexpected('the end of a column or key');
    }
  }
  while (!derived && !cursor.done) {
    if (cursor.is('PARTITION', 'BY') || cursor.take('WITH', 'SYSTEM', 'VERSIONING')) {
      if (cursor.is('PARTITION')) cursor.rest();
      continue;
    }
    if (['AS', 'SELECT', 'IGNORE', 'REPLACE', 'WITH', 'VALUES', '('].some((word) => cursor.is(word))) derived = true;
    else {
      const { name, value } = readOption(cursor);
      options[name] = value;
      cursor.take(',');
    }
  }
  return { kind: 'create_table', table, temporary, ifNotExists, replace, columns, keys, options, derived };
}

/** Views, triggers, routines, databases, users and the like: the kind and the name. */
function readOther(cursor: Cursor, replace: boolean): StatementBody {
  const kinds =
    /^(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|DATABASE|SCHEMA|USER|ROLE|SEQUENCE|SERVER|TABLESPACE|PACKAGE|LOGFILE|RESOURCE|UNDO)$/;
  while (!cursor.done && !(cursor.peek()!.kind === 'word' && kinds.test(cursor.peek()!.value))) cursor.next();
  if (cursor.done) throw cursor.unexpected('TABLE, INDEX, VIEW or the like');
  const object = cursor.next().value.toLowerCase();
  cursor.take('BODY');
  cursor.take('IF', 'NOT', 'EXISTS');
  const next = cursor.peek();
  const name =
    next && next.kind !== 'sign' && next.kind !== 'number' ? (next.kind === 'text' ? cursor.next().value : cursor.table()) : '';
  let table: string | undefined;
  if (object === 'trigger') {
    while (!cursor.done && !cursor.take('ON')) cursor.next();
    table = cursor.table();
  }
  return { kind: 'create_other', object: object === 'schema' ? 'database' : object, name, table, replace };
}
