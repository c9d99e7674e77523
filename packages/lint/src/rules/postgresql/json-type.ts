import { createdColumns } from '../../postgresql/created-columns.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a column of type json. */
export const jsonType = postgresqlRule({
  code: 'PG207',
  name: 'json-type',
  level: 'warning',
  doc: {
    what: 'Makes a column of type json.',
    why: 'It has no equality: SELECT DISTINCT, UNION and GROUP BY over the row fail in applications that run now.',
    lock: 'Nothing now.',
    safe: 'jsonb.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN extra json'],
    safe: ['ALTER TABLE users ADD COLUMN extra jsonb'],
  },
  *check(statement) {
    for (const { table, column, at } of createdColumns(statement)) {
      if (column.type?.name === 'json') yield { at, message: `${table}.${column.name} is json, which has no equality.` };
    }
  },
});
