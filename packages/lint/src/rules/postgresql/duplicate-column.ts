import { namedColumns } from '../../postgresql/named-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Names a column twice in one statement. */
export const duplicateColumn = postgresqlRule({
  code: 'PG212',
  name: 'duplicate-column',
  level: 'error',
  doc: {
    what: 'Names a column twice in one statement.',
    why: 'The server refuses it.',
    lock: 'Nothing: the statement fails.',
    safe: 'Leave one of them out.',
  },
  examples: {
    unsafe: [
      'CREATE TABLE t (a int, a text)',
      'UPDATE users SET age = 1, age = 2 WHERE id = 1',
      'INSERT INTO users (id, id) VALUES (1, 2)',
    ],
    safe: ['CREATE TABLE t (a int, b text)', 'UPDATE users SET age = 1, name = 2 WHERE id = 1'],
  },
  *check(statement) {
    const seen = new Set<string>();
    for (const { name, at } of namedColumns(statement)) {
      if (seen.has(name)) yield { at, message: `Column ${name} is named twice.` };
      seen.add(name);
    }
  },
});
