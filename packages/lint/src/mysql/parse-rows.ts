import type { Cursor } from './cursor.ts';
import type { StatementBody } from './statement.ts';
import type { Token } from './tokens.ts';

/** Reads what follows UPDATE. */
export function readUpdate(cursor: Cursor): StatementBody {
  while (cursor.takeOne('LOW_PRIORITY', 'IGNORE'));
  const table = cursor.is('(') ? '' : cursor.table();
  const rest = cursor.rest();
  if (!outermost(rest).some(({ value, kind }) => kind === 'word' && value === 'SET')) throw cursor.unexpected('SET');
  return { kind: 'change_rows', verb: 'UPDATE', table, conditional: isConditional(rest) };
}

/** Reads what follows DELETE. */
export function readDelete(cursor: Cursor): StatementBody {
  while (cursor.takeOne('LOW_PRIORITY', 'QUICK', 'IGNORE', 'HISTORY'));
  if (!cursor.take('FROM')) {
    // DELETE a, b FROM a JOIN b: what is joined is a condition.
    return { kind: 'change_rows', verb: 'DELETE', table: cursor.table(), conditional: cursor.rest().length > 3 };
  }
  const table = cursor.table();
  return { kind: 'change_rows', verb: 'DELETE', table, conditional: isConditional(cursor.rest()) };
}

/** Reads what follows INSERT or REPLACE. */
export function readInsert(cursor: Cursor): StatementBody {
  while (cursor.takeOne('LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO'));
  const table = cursor.table();
  const fromQuery = outermost(cursor.rest()).some(({ value, kind }) => kind === 'word' && /^(SELECT|TABLE)$/.test(value));
  return { kind: 'insert', table, fromQuery };
}

/** Whether a WHERE that is not always true, a LIMIT or a join leaves rows out. */
function isConditional(tokens: readonly Token[]): boolean {
  const outer = outermost(tokens);
  const where = outer.findIndex(({ value, kind }) => kind === 'word' && value === 'WHERE');
  const always = where >= 0 && outer.length === where + 2 && /^(TRUE|1)$/.test(outer[where + 1]!.value);
  const others = outer.some(({ value, kind }) => kind === 'word' && /^(LIMIT|JOIN|STRAIGHT_JOIN)$/.test(value));
  return others || (where >= 0 && !always);
}

/** The tokens that stand in no parentheses. */
function outermost(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter(({ raw }) => {
    if (raw === '(') depth += 1;
    if (raw === ')') depth -= 1;
    return depth === 0;
  });
}
