import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a column on a server that cannot do so in no time. */
export const droppingColumnRebuilds = mysqlRule({
  code: 'MY011',
  name: 'dropping-column-rebuilds',
  level: 'warning',
  doc: {
    what: 'Drops a column on a server that cannot do so in no time.',
    why: 'Before MySQL 8.0.29 and MariaDB 10.4 the table is built anew.',
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'A newer server, or a quiet hour; ALGORITHM=INSTANT makes the server refuse rather than build anew.',
  },
  examples: {
    unsafe: [
      `-- mysql_version 8.0.20
ALTER TABLE users DROP COLUMN note`,
    ],
    safe: ['ALTER TABLE users DROP COLUMN note'],
  },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind !== 'drop_column' || context.isNew(table) || context.atLeast('8.0.29', '10.4')) continue;
      yield { at: action.at, message: `Dropping ${table}.${action.name} builds ${table} anew on the assumed version.` };
    }
  },
});
