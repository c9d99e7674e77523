import { cqlRule } from '../../cql/rule.ts';

/** Writes a logged batch. */
export const loggedBatch = cqlRule({
  code: 'CA108',
  name: 'logged-batch',
  level: 'warning',
  doc: {
    what: 'Writes a logged batch.',
    why: 'Across partitions it is written twice to other nodes first: it is slower, not faster, and large ones are refused.',
    lock: 'Nothing is locked; the coordinator is busy.',
    safe: 'Single statements at once, or UNLOGGED for rows of one partition.',
  },
  examples: {
    unsafe: ['BEGIN BATCH INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2); APPLY BATCH'],
    safe: ['BEGIN UNLOGGED BATCH INSERT INTO t (id) VALUES (1); APPLY BATCH'],
  },
  *check(statement) {
    if (statement.begins('BEGIN', 'BATCH')) yield { message: 'A logged batch costs more than its statements.' };
  },
});
