import { operationRule } from '../../operations/rule.ts';

/** Runs SQL without a way back. */
export const scriptWithoutWayBack = operationRule({
  code: 'OP008',
  name: 'script-without-way-back',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Runs SQL without a way back.',
    why: '`polyshift down` is refused at this migration: the undo of a script is its down script alone.',
    lock: 'Nothing.',
    safe: 'Write `down` (or a .down.sql file).',
  },
  examples: {
    unsafe: [[{ type: 'run_sql', data: { up: 'CREATE VIEW v AS SELECT 1' } }]],
    safe: [[{ type: 'run_sql', data: { up: 'CREATE VIEW v AS SELECT 1', down: 'DROP VIEW v' } }]],
  },
  *check(operation) {
    if (operation.type === 'run_sql' && operation.data.down === undefined)
      yield { message: 'This script has no down: the migration cannot be taken back.' };
  },
});
