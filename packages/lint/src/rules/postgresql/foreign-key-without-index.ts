import { foreignKeys } from '../../postgresql/foreign-keys.ts';
import { indexedFirst } from '../../postgresql/indexed-first.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a foreign key whose columns no index begins with. */
export const foreignKeyWithoutIndex = postgresqlRule({
  code: 'PG219',
  name: 'foreign-key-without-index',
  level: 'warning',
  doc: {
    what: 'Adds a foreign key whose columns no index begins with.',
    why: 'Each DELETE and key UPDATE in the other table reads this whole table.',
    lock: 'Row locks in the other table are held while this one is read.',
    safe: 'CREATE INDEX CONCURRENTLY on the columns before.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (user_id bigint REFERENCES users (id))'],
    safe: [
      `CREATE TABLE t (user_id bigint REFERENCES users (id));
CREATE INDEX ON t (user_id)`,
      'CREATE TABLE t (user_id bigint PRIMARY KEY REFERENCES users (id))',
      'ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID',
    ],
  },
  *check(statement, context) {
    // Of tables that are not created here the indexes are not known.
    if (statement.kind !== 'CreateStmt') return;
    for (const { table, columns, at } of foreignKeys(statement, context)) {
      const [first] = columns;
      if (first === undefined || indexedFirst(statement, context.after(statement), table).has(first.name)) continue;
      yield { at, message: `No index of ${table} begins with ${first.name}: deletes in the other table read all of it.` };
    }
  },
});
