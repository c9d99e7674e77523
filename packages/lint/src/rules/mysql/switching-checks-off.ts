import { mysqlRule } from '../../mysql/rule.ts';

/** Switches foreign_key_checks, unique_checks or strict sql_mode off and not on again. */
export const switchingChecksOff = mysqlRule({
  code: 'MY037',
  name: 'switching-checks-off',
  level: 'warning',
  doc: {
    what: 'Switches foreign_key_checks, unique_checks or strict sql_mode off and not on again.',
    why: 'Rows that break foreign keys or types can be written by the rest of the file.',
    lock: 'Nothing.',
    safe: 'Set it back right behind the statement that needs it.',
  },
  examples: {
    unsafe: [
      `SET foreign_key_checks = 0;
DELETE FROM users WHERE id = 1`,
      "SET SESSION sql_mode = ''",
    ],
    safe: [
      `SET foreign_key_checks = 0;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
SET foreign_key_checks = 1`,
      "SET sql_mode = 'STRICT_ALL_TABLES'",
    ],
  },
  *check(statement, context) {
    if (statement.kind !== 'set') return;
    for (const { name, value } of statement.settings) {
      const off = /^(foreign_key_checks|unique_checks)$/.test(name) && /^(0|OFF)$/i.test(value);
      const lax = name === 'sql_mode' && !/STRICT|TRADITIONAL|@/i.test(value);
      const back = context
        .after(statement)
        .some((later) => later.kind === 'set' && later.settings.some((each) => each.name === name));
      if ((off || lax) && !back) yield { message: `${name} stays switched off for the rest of the file.` };
    }
  },
});
