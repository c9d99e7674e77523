import { changedColumns } from './changes.ts';
import { type MysqlRule, mysqlRule } from './rule.ts';

/** What tells a type with a list of values from another one. */
interface ListedType {
  readonly code: string;
  readonly name: string;
  /** The type. */
  readonly type: 'enum' | 'set';
  /** Whether so many values take more bytes than so many before. */
  readonly grows: (values: number, before: number) => boolean;
}

/** The rule about changes of the values of an enum or a set: the server keeps both as numbers, and what is true of one is of the other. */
export function listedValuesRule({ code, name, type, grows }: ListedType): MysqlRule {
  const word = type.toUpperCase();
  const made = `CREATE TABLE users (c ${word}('a','b'));\n-- another file\nALTER TABLE users MODIFY c ${word}`;
  return mysqlRule({
    code,
    name,
    level: 'error',
    doc: {
      what: `Removes, renames or reorders values of ${type === 'enum' ? 'an enum' : 'a set'}, or adds them anywhere but at the end, or crosses a size of storage.`,
      why: 'Rows hold the number of the value: every row is copied, and values that are gone fail or become empty.',
      lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
      safe: 'Add new values at the end, which takes no time; leave old ones where they are. For anything else add a column beside it, keep both equal by a trigger, fill it in batches, switch the application, drop the old one (polyshift: change_type), or copy the table online (polyshift: extract; gh-ost, pt-online-schema-change).',
    },
    examples: {
      unsafe: [`${made}('b','a')`, `${made}('a')`, `${made}('a','x','b')`, `ALTER TABLE users MODIFY c ${word}('a','x')`],
      safe: [`${made}('a','b','c')`, 'ALTER TABLE users MODIFY age BIGINT'],
    },
    *check(statement, context) {
      for (const { table, column, old, at } of changedColumns(statement, context)) {
        const values = column.type.parameters;
        if (column.type.name !== type || context.isNew(table)) continue;
        const before = old?.type.name === type ? old.type.parameters : undefined;
        const appended = before?.every((value, index) => values[index] === value);
        const larger = before !== undefined && grows(values.length, before.length);
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
}
