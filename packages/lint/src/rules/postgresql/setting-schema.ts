import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Moves something to another schema. */
export const settingSchema = postgresqlRule({
  code: 'PG118',
  name: 'setting-schema',
  level: 'error',
  doc: {
    what: 'Moves something to another schema.',
    why: 'Applications that do not find it by their search_path fail.',
    lock: 'ACCESS EXCLUSIVE on the object for a moment.',
    safe: 'Create a view of the old name in the old schema in the same transaction, or set the search_path of the applications first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users SET SCHEMA archive', 'ALTER FUNCTION touch() SET SCHEMA archive'],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t SET SCHEMA archive`,
      'ALTER TABLE users SET (fillfactor = 80)',
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'AlterObjectSchemaStmt') return;
    const { relation, newschema } = statement.node;
    if (relation && context.isNew(tableName(relation))) return;
    yield { message: `${relation ? tableName(relation) : 'It'} is found under ${newschema} alone from now on.` };
  },
});
