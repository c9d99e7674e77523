import type { Cursor } from './cursor.ts';
import { readOnlineClause } from './parse-alter-table.ts';
import type { StatementBody } from './statement.ts';

/** Reads what follows DROP. Throws ScriptError. */
export function readDrop(cursor: Cursor): StatementBody {
  const temporary = cursor.take('TEMPORARY');
  if (cursor.take('INDEX')) {
    cursor.take('IF', 'EXISTS');
    const name = cursor.name();
    cursor.expect('ON');
    return { kind: 'drop_index', name, table: cursor.table(), ...readOnlineClause(cursor) };
  }
  const word = cursor.name().toLowerCase();
  const object = word === 'schema' ? 'database' : word === 'tables' ? 'table' : word;
  cursor.take('IF', 'EXISTS');
  const names: string[] = [];
  do {
    const token = cursor.peek();
    if (token?.kind === 'text') names.push(cursor.next().value);
    else if (token && token.kind !== 'sign') names.push(cursor.table());
    // 'user'@'host'
    if (cursor.peek()?.value.startsWith('@')) cursor.next();
  } while (cursor.take(','));
  if (names.length === 0) throw cursor.unexpected('a name');
  return { kind: 'drop', object, names, temporary };
}
