import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Restarts or alters a sequence. */
export const alteringSequence = postgresqlRule({
  code: 'PG126',
  name: 'altering-sequence',
  level: 'warning',
  doc: {
    what: 'Restarts or alters a sequence.',
    why: 'Numbers may come again, and INSERTs fail on duplicates; a smaller type or MAXVALUE may be used up.',
    lock: 'SHARE ROW EXCLUSIVE on the sequence: nextval() waits for a moment.',
    safe: 'Only ever raise it: SELECT setval(..., greatest(...)).',
  },
  examples: {
    unsafe: ['ALTER SEQUENCE numbers RESTART WITH 1'],
    safe: ['CREATE SEQUENCE numbers'],
  },
  *check(statement) {
    if (statement.kind === 'AlterSeqStmt')
      yield { message: `Sequence ${tableName(statement.node.sequence)} may give numbers that are in use.` };
  },
});
