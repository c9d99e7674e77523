import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Validates a constraint in a transaction that already holds a lock which blocks writes. */
export const validatingUnderLock = postgresqlRule({
  code: 'PG017',
  name: 'validating-under-lock',
  level: 'error',
  doc: {
    what: 'Validates a constraint in a transaction that already holds a lock which blocks writes.',
    why: 'VALIDATE CONSTRAINT lets others read and write only if nothing before it in the transaction keeps them out.',
    lock: 'The lock of the earlier statement, usually ACCESS EXCLUSIVE, is held while every row is read.',
    safe: 'Validate in a transaction of its own: in another migration, or with `-- polyshift: no-transaction`.',
  },
  examples: {
    unsafe: [
      `BEGIN;
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
COMMIT`,
      'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID, VALIDATE CONSTRAINT c',
    ],
    safe: [
      `ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c`,
    ],
  },
  *check(statement, context) {
    const held = new Set(context.held(statement));
    for (const table of writeLocked(statement)) held.add(table);
    for (const { table, subtype, name, at } of alterations(statement)) {
      if (subtype !== 'AT_ValidateConstraint' || !held.has(table) || context.isNew(table)) continue;
      yield { at, message: `Constraint ${name} is validated while this transaction blocks ${table} by an earlier statement.` };
    }
  },
});
