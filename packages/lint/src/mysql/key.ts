import { type Reference, readReference } from './column.ts';
import { type Cursor, splitAtCommas } from './cursor.ts';

/** A key, foreign key or check of a table. */
export interface Key {
  readonly kind: 'primary' | 'unique' | 'index' | 'fulltext' | 'spatial' | 'vector' | 'foreign' | 'check';
  readonly name: string | undefined;
  /** Its columns; an expression is empty. */
  readonly columns: readonly string[];
  readonly references: Reference | undefined;
  /** False for a check that is NOT ENFORCED. */
  readonly enforced: boolean;
  readonly at: number;
}

/** Whether a key, not a column, comes next in a table. */
export function isKey(cursor: Cursor): boolean {
  return (
    ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'INDEX', 'KEY', 'FULLTEXT', 'SPATIAL', 'FOREIGN', 'CHECK'].some((word) =>
      cursor.is(word),
    ) ||
    cursor.is('VECTOR', 'INDEX') ||
    cursor.is('VECTOR', 'KEY')
  );
}

/** Reads a key of CREATE TABLE or ADD. Throws ScriptError. */
export function readKey(cursor: Cursor): Key {
  const at = cursor.at;
  let name: string | undefined;
  if (cursor.take('CONSTRAINT') && !isKey(cursor)) {
    cursor.take('IF', 'NOT', 'EXISTS');
    name = cursor.name();
  }
  const common = { references: undefined, enforced: true, at };
  if (cursor.take('CHECK')) {
    if (!cursor.parentheses()) throw cursor.unexpected('(');
    const enforced = !cursor.take('NOT', 'ENFORCED');
    cursor.take('ENFORCED');
    return { ...common, kind: 'check', name, columns: [], enforced };
  }
  if (cursor.take('FOREIGN')) {
    cursor.expect('KEY');
    cursor.take('IF', 'NOT', 'EXISTS');
    if (!cursor.is('(')) {
      const index = cursor.name();
      name ??= index;
    }
    const columns = cursor.names();
    cursor.expect('REFERENCES');
    return { ...common, kind: 'foreign', name, columns, references: readReference(cursor) };
  }
  const word = cursor.takeOne('PRIMARY', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'VECTOR');
  const kind = (word?.toLowerCase() ?? 'index') as Key['kind'];
  if (!cursor.takeOne('INDEX', 'KEY') && word === undefined) throw cursor.unexpected('a key');
  cursor.take('IF', 'NOT', 'EXISTS');
  if (!cursor.is('(') && !cursor.is('USING')) {
    const index = cursor.name();
    name ??= index;
  }
  return { ...common, kind, name, columns: readKeyParts(cursor) };
}

/** Reads the columns of an index and its options. */
export function readKeyParts(cursor: Cursor): string[] {
  readUsing(cursor);
  const tokens = cursor.parentheses();
  if (!tokens) throw cursor.unexpected('(');
  const columns = splitAtCommas(tokens).map(([first]) => {
    if (!first || first.raw === '(') return '';
    return first.kind === 'word' ? first.raw : first.value;
  });
  readKeyOptions(cursor);
  return columns;
}

function readUsing(cursor: Cursor): void {
  if (cursor.take('USING')) cursor.next();
}

function readKeyOptions(cursor: Cursor): void {
  for (;;) {
    if (cursor.take('USING') || cursor.take('WITH', 'PARSER')) cursor.next();
    else if (
      cursor.takeOne('COMMENT', 'KEY_BLOCK_SIZE', 'ENGINE_ATTRIBUTE', 'SECONDARY_ENGINE_ATTRIBUTE', 'M', 'DISTANCE', 'CLUSTERING')
    ) {
      cursor.take('=');
      cursor.next();
    } else if (!cursor.takeOne('VISIBLE', 'INVISIBLE', 'IGNORED') && !cursor.take('NOT', 'IGNORED')) return;
  }
}
