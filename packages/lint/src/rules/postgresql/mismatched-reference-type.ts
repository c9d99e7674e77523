import { typeText } from '../../postgresql/column.ts';
import { foreignKeys } from '../../postgresql/foreign-keys.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a foreign key between columns of different types. */
export const mismatchedReferenceType = postgresqlRule({
  code: 'PG217',
  name: 'mismatched-reference-type',
  level: 'warning',
  doc: {
    what: 'Adds a foreign key between columns of different types.',
    why: 'One side holds values that the other cannot; comparisons may pass the index by.',
    lock: 'Nothing now.',
    safe: 'Give both columns the same type.',
  },
  examples: {
    unsafe: [
      `CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a (id))`,
      `CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (a_id int, FOREIGN KEY (a_id) REFERENCES a (id))`,
    ],
    safe: [
      `CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (a_id bigint REFERENCES a (id))`,
      'CREATE TABLE b (a_id int REFERENCES users (id))',
    ],
  },
  *check(statement, context) {
    for (const { table, columns, to, references, at } of foreignKeys(statement, context)) {
      for (const [index, { name, type }] of columns.entries()) {
        const other = context.table(to)?.columns.get(references[index] ?? '')?.type;
        if (type && other && typeText(type) !== typeText(other)) {
          yield {
            at,
            message: `${table}.${name} is ${typeText(type)} and points to ${to}.${references[index]}, which is ${typeText(other)}.`,
          };
        }
      }
    }
  },
});
