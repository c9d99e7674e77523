import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Moves a table or an index to another tablespace. */
export const movingToTablespace = postgresqlRule({
  code: 'PG019',
  name: 'moving-to-tablespace',
  level: 'error',
  doc: {
    what: 'Moves a table or an index to another tablespace.',
    why: 'All its data is copied.',
    lock: 'ACCESS EXCLUSIVE on the table or index until everything is copied.',
    safe: 'For an index: REINDEX INDEX (TABLESPACE name, CONCURRENTLY). For a table: copy it in batches into one that was created there (polyshift: extract), or pg_repack.',
  },
  examples: {
    unsafe: ['ALTER TABLE users SET TABLESPACE fast', 'ALTER INDEX users_name SET TABLESPACE fast'],
    safe: [
      'REINDEX (TABLESPACE fast, CONCURRENTLY) INDEX users_name',
      `CREATE TABLE t (a int);
ALTER TABLE t SET TABLESPACE fast`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'AlterTableStmt') return;
    const name = tableName(statement.node.relation);
    const moves = statement.node.cmds.some(({ AlterTableCmd }) => AlterTableCmd.subtype === 'AT_SetTableSpace');
    if (!moves || context.isNew(name) || context.isNew(context.index(name)?.table ?? '')) return;
    yield { message: `Moving ${name} to another tablespace copies it while nobody can read or write it.` };
  },
});
