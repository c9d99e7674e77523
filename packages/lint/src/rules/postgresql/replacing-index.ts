import { objectName, tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops an index before the one that takes its place is built. */
export const replacingIndex = postgresqlRule({
  code: 'PG038',
  name: 'replacing-index',
  level: 'warning',
  doc: {
    what: 'Drops an index before the one that takes its place is built.',
    why: 'Queries that need it read the whole table until the new one is there.',
    lock: 'As PG008; the load while no index is there may stop the application.',
    safe: 'Create the new index under another name first, then drop the old one, then ALTER INDEX ... RENAME.',
  },
  examples: {
    unsafe: [
      `DROP INDEX CONCURRENTLY users_name;
CREATE INDEX CONCURRENTLY users_name ON users (name, age)`,
    ],
    safe: [
      `CREATE INDEX CONCURRENTLY users_name_age ON users (name, age);
DROP INDEX CONCURRENTLY users_name`,
      'DROP INDEX CONCURRENTLY users_name',
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'DropStmt' || statement.node.removeType !== 'OBJECT_INDEX') return;
    for (const name of statement.node.objects.map(objectName)) {
      const known = context.index(name);
      const again = context.after(statement).some((later) => {
        if (later.kind !== 'IndexStmt') return false;
        const table = tableName(later.node.relation);
        return (
          !context.isNew(table) &&
          (later.node.idxname === name ||
            (known?.table === table && later.node.indexParams[0]?.IndexElem.name === known.columns[0]))
        );
      });
      if (again) yield { message: `Index ${name} is dropped before its successor is built: queries go without one meanwhile.` };
    }
  },
});
