import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a function or procedure. */
export const droppingFunction = postgresqlRule({
  code: 'PG109',
  name: 'dropping-function',
  level: 'warning',
  doc: {
    what: 'Drops a function or procedure.',
    why: 'Applications, triggers, defaults and indexes may call it.',
    lock: 'No lock on a table that matters.',
    safe: 'Deploy an application that does not call it first; for another body use CREATE OR REPLACE FUNCTION.',
  },
  examples: {
    unsafe: ['DROP FUNCTION touch()', 'DROP PROCEDURE p'],
    safe: ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE', 'OBJECT_AGGREGATE')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping function ${name} breaks whatever still uses it.` };
    }
  },
});
