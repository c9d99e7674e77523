import { objectName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a table that has foreign keys to other tables. */
export const droppingTableWithForeignKeys = postgresqlRule({
  code: 'PG035',
  name: 'dropping-table-with-foreign-keys',
  level: 'warning',
  doc: {
    what: 'Drops a table that has foreign keys to other tables.',
    why: 'Each of the other tables is locked too, until the transaction ends.',
    lock: 'ACCESS EXCLUSIVE on the table and on every table that it points to.',
    safe: 'Drop the foreign keys one by one before, each in a transaction of its own with lock_timeout set.',
  },
  examples: {
    unsafe: [
      `CREATE TABLE a (id int REFERENCES users (id), x int REFERENCES orders (id));
DROP TABLE a`,
    ],
    safe: [
      'DROP TABLE logs',
      `CREATE TABLE a (id int);
DROP TABLE a`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'DropStmt' || statement.node.removeType !== 'OBJECT_TABLE') return;
    for (const name of statement.node.objects.map(objectName)) {
      const others = [...(context.table(name)?.constraints.values() ?? [])].flatMap(({ references }) => references ?? []);
      const tables = [...new Set(others)].filter((table) => table !== name && !context.isNew(table));
      if (tables.length > 0)
        yield { message: `Dropping ${name} also locks ${tables.join(', ')}, which its foreign keys point to.` };
    }
  },
});
