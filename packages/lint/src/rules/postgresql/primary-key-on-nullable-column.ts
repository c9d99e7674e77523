import { addedConstraints } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes an index the primary key although a column of it may hold nulls. */
export const primaryKeyOnNullableColumn = postgresqlRule({
  code: 'PG015',
  name: 'primary-key-on-nullable-column',
  level: 'warning',
  doc: {
    what: 'Makes an index the primary key although a column of it may hold nulls.',
    why: 'The columns become NOT NULL, and every row is read to see whether they are.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while every row is read.',
    safe: 'Make the columns NOT NULL by a validated check before (PG005): then the statement takes a moment.',
  },
  examples: {
    unsafe: [
      `CREATE TABLE t (a int);
CREATE UNIQUE INDEX t_a ON t (a);
ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX t_a`,
      'ALTER TABLE logs ADD CONSTRAINT logs_pk PRIMARY KEY USING INDEX logs_id',
    ],
    safe: [
      `CREATE TABLE t (a int NOT NULL);
CREATE UNIQUE INDEX t_a ON t (a);
ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX t_a`,
    ],
  },
  *check(statement, context) {
    for (const { table, constraint, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_PRIMARY' || constraint.indexname === undefined) continue;
      const columns = context.index(constraint.indexname)?.columns ?? [];
      const known = context.table(table);
      const nullable = columns.filter((name) => !known?.columns.get(name)?.notNull);
      if (columns.length > 0 && nullable.length === 0) continue;
      const which = columns.length > 0 ? ` (${nullable.join(', ')})` : '';
      yield {
        at,
        message: `Index ${constraint.indexname} becomes the primary key of ${table}: its columns${which} are not known to be NOT NULL, so every row is read.`,
      };
    }
  },
});
