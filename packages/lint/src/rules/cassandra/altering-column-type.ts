import { cqlRule } from '../../cql/rule.ts';

/** Changes the type of a column. */
export const alteringColumnType = cqlRule({
  code: 'CA116',
  name: 'altering-column-type',
  level: 'error',
  doc: {
    what: 'Changes the type of a column.',
    why: 'The server refuses it since 3.10; before, old cells could not be read any more.',
    lock: 'Nothing: the statement fails.',
    safe: 'polyshift change_type, which makes the table anew; or a second column.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ALTER age TYPE bigint'],
    safe: ['ALTER TABLE users ADD age int'],
  },
  *check(statement) {
    if (statement.begins('ALTER', 'TABLE') && statement.has('TYPE') && statement.has('ALTER')) {
      if (/\bALTER\s+[\w"]+\s+TYPE\b/i.test(statement.text.replace(/^ALTER/i, '')))
        yield { message: 'The type of a column cannot be changed in place.' };
    }
  },
});
