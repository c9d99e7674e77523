import { addedColumns, alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Sets or changes the default of a column. */
export const changingDefault = postgresqlRule({
  code: 'PG119',
  name: 'changing-default',
  level: 'off',
  doc: {
    what: 'Sets or changes the default of a column.',
    why: 'The running application may rely on the old value; frameworks that write only changed fields write the wrong one.',
    lock: 'ACCESS EXCLUSIVE on the table, for a moment once all running queries are done.',
    safe: 'Deploy an application that writes the column itself first.',
  },
  examples: {
    unsafe: ["ALTER TABLE users ALTER COLUMN state SET DEFAULT 'new'"],
    safe: [
      'ALTER TABLE users ALTER COLUMN state DROP DEFAULT',
      `ALTER TABLE users ADD COLUMN plan text;
ALTER TABLE users ALTER COLUMN plan SET DEFAULT 'free'`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype, name, argument, at } of alterations(statement)) {
      if (subtype !== 'AT_ColumnDefault' || argument === undefined || context.isNew(table)) continue;
      const added = context.before(statement).flatMap(addedColumns);
      if (added.some((each) => each.table === table && each.column.name === name)) continue;
      yield { at, message: `Rows that leave out ${table}.${name} get another value from now on.` };
    }
  },
});
