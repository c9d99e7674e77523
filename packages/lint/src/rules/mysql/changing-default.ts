import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Sets or changes the default of a column. */
export const changingDefault = mysqlRule({
  code: 'MY210',
  name: 'changing-default',
  level: 'off',
  doc: {
    what: 'Sets or changes the default of a column.',
    why: 'The running application may rely on the old value.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Deploy an application that writes the column itself first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ALTER COLUMN age SET DEFAULT 1'],
    safe: ['ALTER TABLE users ALTER COLUMN age DROP DEFAULT'],
  },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'set_default' && !context.isNew(table))
        yield { at: action.at, message: `Rows that leave out ${table}.${action.name} get another value from now on.` };
    }
  },
});
