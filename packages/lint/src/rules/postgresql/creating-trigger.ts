import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a trigger on a table that is in use. */
export const creatingTrigger = postgresqlRule({
  code: 'PG026',
  name: 'creating-trigger',
  level: 'warning',
  doc: {
    what: 'Creates a trigger on a table that is in use.',
    why: 'Writes wait for the lock, and from then on each of them runs the function: one that fails or is slow stops the application.',
    lock: 'SHARE ROW EXCLUSIVE on the table: no writes, for a moment once all running writes are done.',
    safe: 'Set lock_timeout and try again; try the function on a copy before.',
  },
  examples: {
    unsafe: ['CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()'],
    safe: [
      `CREATE TABLE t (a int);
CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()`,
      'SELECT 1',
    ],
  },
  claim: { mode: 'SHARE ROW EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    if (statement.kind !== 'CreateTrigStmt') return;
    const table = tableName(statement.node.relation);
    if (context.isNew(table)) return;
    yield {
      message: `Trigger ${statement.node.trigname} runs with every write to ${table}; creating it waits for running writes and holds back new ones.`,
    };
  },
});
