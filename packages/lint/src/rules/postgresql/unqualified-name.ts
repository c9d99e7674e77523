import { postgresqlRule } from '../../postgresql/rule.ts';
import type { RangeVar } from '../../postgresql/tree.ts';

/** Names a table without its schema. */
export const unqualifiedName = postgresqlRule({
  code: 'PG214',
  name: 'unqualified-name',
  level: 'off',
  doc: {
    what: 'Names a table without its schema.',
    why: 'The search_path of whoever runs it decides which table is meant.',
    lock: 'Nothing now.',
    safe: 'schema.table.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a int)', 'ALTER TABLE users ADD COLUMN a int'],
    safe: ['CREATE TABLE app.t (a int)', 'ALTER TABLE app.users ADD COLUMN a int'],
  },
  *check(statement) {
    if (!/^(CreateStmt|AlterTableStmt|IndexStmt|UpdateStmt|DeleteStmt|InsertStmt)$/.test(statement.kind)) return;
    const { relation } = statement.node as { relation: RangeVar };
    if (relation.schemaname === undefined && relation.relpersistence !== 't') {
      yield { at: statement.offset(relation.location), message: `${relation.relname} does not say in which schema it is.` };
    }
  },
});
