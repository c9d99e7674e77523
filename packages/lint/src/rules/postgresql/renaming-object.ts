import { objectName, tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Renames a schema, view, sequence, type, enum value, function or role. */
export const renamingObject = postgresqlRule({
  code: 'PG107',
  name: 'renaming-object',
  level: 'warning',
  doc: {
    what: 'Renames a schema, view, sequence, type, enum value, function or role.',
    why: 'Applications, functions and views that name it as text fail.',
    lock: 'ACCESS EXCLUSIVE on the object for a moment.',
    safe: 'Create the new one beside the old one, switch the application, drop the old one.',
  },
  examples: {
    unsafe: [
      "ALTER TYPE mood RENAME VALUE 'sad' TO 'low'",
      'ALTER VIEW named RENAME TO called',
      'ALTER SCHEMA sales RENAME TO shop',
      'ALTER FUNCTION touch() RENAME TO stamp',
    ],
    safe: ['ALTER INDEX users_name RENAME TO users_by_name', 'ALTER TABLE users RENAME CONSTRAINT a TO b'],
  },
  *check(statement) {
    if (statement.kind === 'AlterEnumStmt' && statement.node.oldVal !== undefined) {
      yield { message: `Renaming the value '${statement.node.oldVal}' breaks every application that writes or compares it.` };
    }
    if (statement.kind !== 'RenameStmt') return;
    const type = statement.node.renameType.replace('OBJECT_', '').toLowerCase();
    if (/^(table|column|index|tabconstraint|domconstraint|trigger|policy|rule)$/.test(type)) return;
    const name = statement.node.relation
      ? tableName(statement.node.relation)
      : (statement.node.subname ?? (statement.node.object ? objectName(statement.node.object) : ''));
    yield { message: `Renaming ${type} ${name} to ${statement.node.newname} breaks whatever names it.` };
  },
});
