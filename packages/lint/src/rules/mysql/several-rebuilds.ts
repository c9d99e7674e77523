import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';
import type { MysqlStatement } from '../../mysql/statement.ts';

/** Alters the same table by several statements in one file. */
export const severalRebuilds = mysqlRule({
  code: 'MY032',
  name: 'several-rebuilds',
  level: 'warning',
  doc: {
    what: 'Alters the same table by several statements in one file.',
    why: 'Each may build the table anew and waits for the metadata lock again.',
    lock: 'As each statement, one after the other.',
    safe: 'One ALTER TABLE with all actions.',
  },
  examples: {
    unsafe: [
      `ALTER TABLE users ADD INDEX a (age);
ALTER TABLE users ADD INDEX n (name)`,
    ],
    safe: [
      'ALTER TABLE users ADD INDEX a (age), ADD INDEX n (name)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD INDEX a (a);
ALTER TABLE t ADD INDEX b (b)`,
      `ALTER TABLE users ADD COLUMN a INT;
ALTER TABLE users ADD COLUMN b INT`,
    ],
  },
  *check(statement, context) {
    const heavy = (each: MysqlStatement) =>
      alterActions(each).some(({ action }) =>
        /^(change_column|add_key|drop_primary_key|convert_charset|partition)$/.test(action.kind),
      );
    if (statement.kind !== 'alter_table' || !heavy(statement) || context.isNew(statement.table)) return;
    const before = context
      .before(statement)
      .some((each) => each.kind === 'alter_table' && each.table === statement.table && heavy(each));
    if (before) yield { message: `${statement.table} is worked through once more: one ALTER TABLE does all of it at once.` };
  },
});
