import { mysqlRule } from '../../mysql/rule.ts';

/** Asks for ALGORITHM=COPY, or for LOCK=SHARED or EXCLUSIVE. */
export const askingForCopy = mysqlRule({
  code: 'MY024',
  name: 'asking-for-copy',
  level: 'error',
  doc: {
    what: 'Asks for ALGORITHM=COPY, or for LOCK=SHARED or EXCLUSIVE.',
    why: 'Others are kept out although the server may know a better way.',
    lock: 'As asked: no writes with COPY and SHARED, no reads either with EXCLUSIVE.',
    safe: 'Leave it out, or write ALGORITHM=INPLACE, LOCK=NONE: the server then refuses rather than locks.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users ADD INDEX i (age), ALGORITHM=COPY',
      'ALTER TABLE users ADD INDEX i (age), LOCK=SHARED',
      'CREATE INDEX i ON users (age) LOCK=EXCLUSIVE',
    ],
    safe: ['ALTER TABLE users ADD INDEX i (age), ALGORITHM=INPLACE, LOCK=NONE'],
  },
  *check(statement, context) {
    if (statement.kind !== 'alter_table' && statement.kind !== 'create_index' && statement.kind !== 'drop_index') return;
    const { algorithm, lock, table } = statement;
    const asked =
      algorithm === 'COPY' ? 'ALGORITHM=COPY' : lock === 'SHARED' || lock === 'EXCLUSIVE' ? `LOCK=${lock}` : undefined;
    if (asked && !context.isNew(table)) yield { message: `${asked} keeps others out of ${table} while this runs.` };
  },
});
