import { type AlterAction, readAction } from './alter-action.ts';
import { Cursor, splitAtCommas } from './cursor.ts';
import type { OnlineClause, StatementBody } from './statement.ts';

/** Reads ALTER TABLE. Throws ScriptError where an action is not known. */
export function readAlterTable(cursor: Cursor): StatementBody {
  cursor.expect('ALTER');
  cursor.take('ONLINE');
  cursor.take('IGNORE');
  cursor.expect('TABLE');
  cursor.take('IF', 'EXISTS');
  const table = cursor.table();
  if (cursor.take('WAIT')) cursor.next();
  cursor.take('NOWAIT');
  const actions: AlterAction[] = [];
  const online: { algorithm?: string; lock?: string } = {};
  const end = cursor.at;
  for (const tokens of splitAtCommas(cursor.rest())) {
    const part = new Cursor(tokens, tokens.at(-1)?.end ?? end);
    // Options may follow each other without a comma.
    while (!part.done) {
      if (!readOnline(part, online)) actions.push(...readAction(part));
    }
    const last = actions.at(-1);
    // What follows is a list of partitions or columns.
    if (last?.kind === 'partition' || (last?.kind === 'other' && last.verb === 'ORDER BY')) break;
  }
  return { kind: 'alter_table', table, actions, algorithm: online.algorithm, lock: online.lock };
}

/** Reads ALGORITHM or LOCK; false where neither comes next. */
export function readOnline(cursor: Cursor, online: { algorithm?: string; lock?: string }): boolean {
  const word = cursor.takeOne('ALGORITHM', 'LOCK');
  if (word === undefined) return false;
  cursor.take('=');
  const { value } = cursor.next();
  if (word === 'ALGORITHM') online.algorithm = value;
  else online.lock = value;
  return true;
}

/** Reads ALGORITHM and LOCK to the end of CREATE INDEX or DROP INDEX. */
export function readOnlineClause(cursor: Cursor): OnlineClause {
  const online: { algorithm?: string; lock?: string } = {};
  while (!cursor.done) {
    if (readOnline(cursor, online)) continue;
    if (cursor.take('WAIT')) cursor.next();
    else if (!cursor.take('NOWAIT')) throw cursor.unexpected('ALGORITHM or LOCK');
  }
  return { algorithm: online.algorithm, lock: online.lock };
}
