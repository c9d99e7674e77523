import { addedConstraints } from '../../postgresql/alterations.ts';
import { words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a primary key that builds its index itself. */
export const addingPrimaryKey = postgresqlRule({
  code: 'PG014',
  name: 'adding-primary-key',
  level: 'error',
  doc: {
    what: 'Adds a primary key that builds its index itself.',
    why: 'The index is built and the columns are checked for nulls while nobody can read or write the table.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, until the index is built and every row is read.',
    safe: 'CREATE UNIQUE INDEX CONCURRENTLY, make the columns NOT NULL by a validated check (PG005), then ADD CONSTRAINT ... PRIMARY KEY USING INDEX (polyshift: add_constraint of kind primary_key).',
  },
  examples: {
    unsafe: ['ALTER TABLE logs ADD PRIMARY KEY (id)'],
    safe: [
      `CREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);
ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey`,
      `CREATE TABLE t (a int);
ALTER TABLE t ADD PRIMARY KEY (a)`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false, table: 'logs' },
  *check(statement, context) {
    for (const { table, constraint, column, at } of addedConstraints(statement)) {
      if (constraint.contype !== 'CONSTR_PRIMARY' || constraint.indexname !== undefined || context.isNew(table)) continue;
      const columns = column ? column.name : words(constraint.keys).join(', ');
      yield { at, message: `Adding the primary key (${columns}) blocks reads and writes of ${table} while its index is built.` };
    }
  },
});
