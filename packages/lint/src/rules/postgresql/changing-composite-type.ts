import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds, alters or drops an attribute of a composite type. */
export const changingCompositeType = postgresqlRule({
  code: 'PG131',
  name: 'changing-composite-type',
  level: 'warning',
  doc: {
    what: 'Adds, alters or drops an attribute of a composite type.',
    why: 'Every table with a column of the type is locked with CASCADE, and applications read rows with other fields.',
    lock: 'ACCESS EXCLUSIVE on the tables that have a column of the type.',
    safe: 'Create another type, and change the columns to it one by one.',
  },
  examples: {
    unsafe: ['ALTER TYPE address ADD ATTRIBUTE zip text'],
    safe: ['CREATE TYPE address AS (street text)'],
  },
  *check(statement) {
    if (statement.kind === 'AlterTableStmt' && statement.node.objtype === 'OBJECT_TYPE')
      yield { message: `Values of type ${tableName(statement.node.relation)} have other attributes from now on.` };
  },
});
