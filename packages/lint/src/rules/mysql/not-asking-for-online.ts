import { mysqlRule } from '../../mysql/rule.ts';

/** Alters a table or an index without ALGORITHM and LOCK. */
export const notAskingForOnline = mysqlRule({
  code: 'MY025',
  name: 'not-asking-for-online',
  level: 'off',
  doc: {
    what: 'Alters a table or an index without ALGORITHM and LOCK.',
    why: 'Where the server has no online way, it takes the one that locks, without a word.',
    lock: 'Whatever the server chooses.',
    safe: 'ALGORITHM=INSTANT, or ALGORITHM=INPLACE, LOCK=NONE: the server refuses what would lock.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD COLUMN plan INT', 'CREATE INDEX i ON users (age)'],
    safe: [
      'ALTER TABLE users ADD COLUMN plan INT, ALGORITHM=INSTANT',
      'CREATE INDEX i ON users (age) ALGORITHM=INPLACE LOCK=NONE',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD COLUMN c INT`,
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'alter_table' && statement.kind !== 'create_index' && statement.kind !== 'drop_index') return;
    const { algorithm, lock, table } = statement;
    if (algorithm === 'INSTANT' || (algorithm && lock) || context.isNew(table)) return;
    yield { message: `Nothing keeps the server from locking ${table} for this.` };
  },
});
