import { createdColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Writes REFERENCES at a column instead of FOREIGN KEY. */
export const inlineReferences = mysqlRule({
  code: 'MY002',
  name: 'inline-references',
  level: 'error',
  doc: {
    what: 'Writes REFERENCES at a column instead of FOREIGN KEY.',
    why: 'MySQL reads it and does nothing (until 9.0): there is no foreign key.',
    lock: 'Nothing.',
    safe: 'FOREIGN KEY (column) REFERENCES table (column) as a clause of its own.',
  },
  examples: {
    unsafe: [
      'CREATE TABLE t (user_id BIGINT REFERENCES users (id))',
      'ALTER TABLE orders ADD COLUMN buyer BIGINT REFERENCES users (id)',
    ],
    safe: ['CREATE TABLE t (user_id BIGINT, FOREIGN KEY (user_id) REFERENCES users (id))'],
  },
  *check(statement, context) {
    if (context.atLeast('9.0', '10.5')) return;
    for (const { table, column } of createdColumns(statement)) {
      if (column.references) yield { at: column.at, message: `REFERENCES at ${table}.${column.name} makes no foreign key.` };
    }
  },
});
