import { changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';
import { typeChange, typeText } from '../../mysql/type-change.ts';

/** Lengthens a varchar from 255 bytes or less to more. */
export const lengtheningVarchar = mysqlRule({
  code: 'MY004',
  name: 'lengthening-varchar',
  level: 'error',
  doc: {
    what: 'Lengthens a varchar from 255 bytes or less to more.',
    why: 'Up to 255 bytes the length of a value takes one byte, above two: every row is written anew. A character takes up to four bytes in utf8mb4, three in utf8mb3. MariaDB 10.4.3 and later need no copy for what was 127 bytes or less.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Add a column beside it, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: change_type), or copy the table online (polyshift: extract; gh-ost, pt-online-schema-change).',
  },
  examples: {
    unsafe: [
      `-- mariadb_version 10.11
CREATE TABLE users (email VARCHAR(50)) CHARSET utf8mb4;
-- another file
ALTER TABLE users MODIFY email VARCHAR(100)`,
      `-- users.email is VARCHAR(50)
CREATE TABLE users (email VARCHAR(50)) CHARSET utf8mb4;
-- another file
ALTER TABLE users MODIFY email VARCHAR(100)`,
    ],
    safe: [
      `-- mariadb_version 10.11
CREATE TABLE users (email VARCHAR(30)) CHARSET utf8mb4;
-- another file
ALTER TABLE users MODIFY email VARCHAR(100)`,
      `CREATE TABLE users (email VARCHAR(50)) CHARSET latin1;
ALTER TABLE users MODIFY email VARCHAR(200)`,
    ],
  },
  *check(statement, context) {
    const free = context.mariadb && context.atLeast('0', '10.4.3') ? 127 : 0;
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      if (context.isNew(table) || !old) continue;
      const charset = column.type.charset ?? context.table(table)?.charset;
      if (typeChange(old.type, column.type, charset, free) !== 'crosses_length_byte') continue;
      yield {
        at,
        message: `${table}.${column.name} grows from ${typeText(old.type)} past 255 bytes: all of ${table} is copied${context.whileCopying}.`,
      };
    }
  },
});
