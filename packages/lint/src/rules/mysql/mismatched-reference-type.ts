import { createdKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';
import { typeText } from '../../mysql/type-change.ts';

/** Adds a foreign key between columns of different types. */
export const mismatchedReferenceType = mysqlRule({
  code: 'MY309',
  name: 'mismatched-reference-type',
  level: 'warning',
  doc: {
    what: 'Adds a foreign key between columns of different types.',
    why: 'The server refuses it, or compares texts of different character sets.',
    lock: 'Nothing: the statement fails.',
    safe: 'Give both columns the same type, sign and character set.',
  },
  examples: {
    unsafe: [
      `CREATE TABLE a (id BIGINT PRIMARY KEY);
CREATE TABLE b (a_id INT, FOREIGN KEY (a_id) REFERENCES a (id))`,
      `CREATE TABLE a (id BIGINT UNSIGNED PRIMARY KEY);
CREATE TABLE b (a_id BIGINT, FOREIGN KEY (a_id) REFERENCES a (id))`,
    ],
    safe: [
      `CREATE TABLE a (id BIGINT PRIMARY KEY);
CREATE TABLE b (a_id BIGINT, FOREIGN KEY (a_id) REFERENCES a (id))`,
    ],
  },
  *check(statement, context) {
    for (const { table, key } of createdKeys(statement)) {
      if (key.kind !== 'foreign' || !key.references) continue;
      const own = statement.kind === 'create_table' ? statement.columns : [...(context.table(table)?.columns.values() ?? [])];
      for (const [index, name] of key.columns.entries()) {
        const column = own.find((each) => each.name.toLowerCase() === name.toLowerCase());
        const other = context.table(key.references.table)?.columns.get((key.references.columns[index] ?? '').toLowerCase());
        if (!column || !other) continue;
        const [left, right] = [typeText(column.type), typeText(other.type)];
        const text = /char|text/.test(left);
        if (!text && left.replace(/\(.*?\)/, '') !== right.replace(/\(.*?\)/, '')) {
          yield {
            at: key.at,
            message: `${table}.${name} is ${left} and points to ${key.references.table}.${other.name}, which is ${right}.`,
          };
        }
      }
    }
  },
});
