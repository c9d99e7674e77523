import { changedColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Removes, renames or reorders values of an enum, or adds them anywhere but at the end, or crosses a size of storage. */
export const changingEnumValues = mysqlRule({
  code: 'MY110',
  name: 'changing-enum-values',
  level: 'error',
  doc: {
    what: 'Removes, renames or reorders values of an enum, or adds them anywhere but at the end, or crosses a size of storage.',
    why: 'Rows hold the number of the value: every row is copied, and values that are gone fail or become empty.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Add new values at the end, which takes no time; leave old ones where they are. For anything else add a column beside it, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: change_type), or copy the table online (polyshift: extract; gh-ost, pt-online-schema-change).',
  },
  examples: {
    unsafe: [
      `CREATE TABLE users (c ENUM('a','b'));
-- another file
ALTER TABLE users MODIFY c ENUM('b','a')`,
      `CREATE TABLE users (c ENUM('a','b'));
-- another file
ALTER TABLE users MODIFY c ENUM('a')`,
      `CREATE TABLE users (c ENUM('a','b'));
-- another file
ALTER TABLE users MODIFY c ENUM('a','x','b')`,
      "ALTER TABLE users MODIFY c ENUM('a','x')",
    ],
    safe: [
      `CREATE TABLE users (c ENUM('a','b'));
-- another file
ALTER TABLE users MODIFY c ENUM('a','b','c')`,
      'ALTER TABLE users MODIFY age BIGINT',
    ],
  },
  *check(statement, context) {
    for (const { table, column, old, at } of changedColumns(statement, context)) {
      if (column.type.name !== 'enum' || context.isNew(table)) continue;
      const before = old?.type.name === 'enum' ? old.type.parameters : undefined;
      const appended = before?.every((value, index) => column.type.parameters[index] === value);
      const larger = before !== undefined && column.type.parameters.length > 255 && (old?.type.parameters.length ?? 0) <= 255;
      if (appended && !larger) continue;
      const why =
        before === undefined
          ? 'lint does not know its values before: unless they stay the first ones'
          : appended
            ? 'the values need more bytes'
            : 'values are removed or change their place';
      yield {
        at,
        message: `Changing the values of ${table}.${column.name}: ${why}, all of ${table} is copied${context.whileCopying}.`,
      };
    }
  },
});
