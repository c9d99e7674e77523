import { addedConstraints } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a table without a primary key. */
export const tableWithoutPrimaryKey = postgresqlRule({
  code: 'PG222',
  name: 'table-without-primary-key',
  level: 'warning',
  doc: {
    what: 'Creates a table without a primary key.',
    why: 'Logical replication refuses its updates and deletes, rows cannot be told apart, and batches by key are not possible.',
    lock: 'Nothing now.',
    safe: 'A primary key; for partitions that of the parent.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a int)'],
    safe: [
      'CREATE TABLE t (a int PRIMARY KEY)',
      'CREATE TABLE t (a int, PRIMARY KEY (a))',
      `CREATE TABLE t (a int);
ALTER TABLE t ADD PRIMARY KEY (a)`,
      'CREATE TEMP TABLE t (a int)',
      'CREATE TABLE p PARTITION OF events DEFAULT',
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'CreateStmt' || statement.node.inhRelations || statement.node.relation.relpersistence === 't') return;
    const table = tableName(statement.node.relation);
    const own = (statement.node.tableElts ?? []).some(({ ColumnDef, Constraint, ...other }) => {
      const like = Object.keys(other).length > 0;
      return (
        like ||
        Constraint?.contype === 'CONSTR_PRIMARY' ||
        ColumnDef?.constraints?.some((each) => each.Constraint.contype === 'CONSTR_PRIMARY')
      );
    });
    const later = context
      .after(statement)
      .some((each) =>
        addedConstraints(each).some((added) => added.table === table && added.constraint.contype === 'CONSTR_PRIMARY'),
      );
    if (!own && !later) yield { message: `${table} has no primary key.` };
  },
});
