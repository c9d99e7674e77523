import { mysqlRule } from '../../mysql/rule.ts';

/** Changes a definition inside of a transaction. */
export const definitionInTransaction = mysqlRule({
  code: 'MY027',
  name: 'definition-in-transaction',
  level: 'error',
  doc: {
    what: 'Changes a definition inside of a transaction.',
    why: 'It commits the transaction: what was before cannot be taken back any more.',
    lock: 'As the statement; the locks of the transaction are released.',
    safe: 'Put definitions and rows into migrations of their own.',
  },
  examples: {
    unsafe: [
      `START TRANSACTION;
UPDATE users SET age = 1 WHERE id = 1;
ALTER TABLE users ADD COLUMN plan INT;
COMMIT`,
    ],
    safe: [
      'ALTER TABLE users ADD COLUMN plan INT',
      `BEGIN;
UPDATE users SET age = 1 WHERE id = 1;
COMMIT;
ALTER TABLE users ADD COLUMN plan INT`,
    ],
  },
  *check(statement, context) {
    const commits = /^(alter_table|create_table|create_index|drop_index|drop|rename_table|truncate|create_other)$/.test(
      statement.kind,
    );
    const temporary = (statement.kind === 'create_table' || statement.kind === 'drop') && statement.temporary;
    if (commits && !temporary && context.inTransaction) yield { message: 'This commits the transaction that is open.' };
  },
});
