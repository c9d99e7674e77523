import { mysqlRule } from '../../mysql/rule.ts';

/** Creates a trigger on a table that is in use. */
export const creatingTrigger = mysqlRule({
  code: 'MY035',
  name: 'creating-trigger',
  level: 'warning',
  doc: {
    what: 'Creates a trigger on a table that is in use.',
    why: 'From then on each write runs it: one that fails or is slow stops the application.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Set lock_wait_timeout and try again; try the trigger on a copy before.',
  },
  examples: {
    unsafe: ['CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.age = 1'],
    safe: [
      `CREATE TABLE t (a INT, b INT);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1`,
      'CREATE VIEW v AS SELECT 1',
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'create_other' || statement.object !== 'trigger' || context.isNew(statement.table ?? '')) return;
    yield { message: `Trigger ${statement.name} runs with every write to ${statement.table}.` };
  },
});
