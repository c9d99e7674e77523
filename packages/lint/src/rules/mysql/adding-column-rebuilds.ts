import { addedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a column on a server that cannot do so in no time. */
export const addingColumnRebuilds = mysqlRule({
  code: 'MY010',
  name: 'adding-column-rebuilds',
  level: 'warning',
  doc: {
    what: 'Adds a column on a server that cannot do so in no time.',
    why: 'Before MySQL 8.0.12 and MariaDB 10.3.2 the table is built anew; before MySQL 8.0.29 and MariaDB 10.4 also for a column that is not the last.',
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'Add it as the last column, or on a newer server; add ALGORITHM=INSTANT, so that the server refuses rather than builds anew.',
  },
  examples: {
    unsafe: [
      `-- mysql_version 5.7
ALTER TABLE users ADD COLUMN plan INT`,
      `-- mysql_version 8.0.20
ALTER TABLE users ADD COLUMN plan INT FIRST`,
    ],
    safe: [
      'ALTER TABLE users ADD COLUMN plan INT FIRST',
      `-- mysql_version 8.0.20
ALTER TABLE users ADD COLUMN plan INT`,
    ],
  },
  *check(statement, context) {
    for (const { table, column } of addedColumns(statement)) {
      if (context.isNew(table) || column.generated === 'virtual') continue;
      const instant = column.position ? context.atLeast('8.0.29', '10.4') : context.atLeast('8.0.12', '10.3.2');
      if (!instant)
        yield {
          at: column.at,
          message: `Adding ${table}.${column.name}${column.position ? ' before others' : ''} builds ${table} anew on the assumed version.`,
        };
    }
  },
});
