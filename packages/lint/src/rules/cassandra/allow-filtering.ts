import { cqlRule } from '../../cql/rule.ts';

/** Reads with ALLOW FILTERING. */
export const allowFiltering = cqlRule({
  code: 'CA101',
  name: 'allow-filtering',
  level: 'error',
  doc: {
    what: 'Reads with ALLOW FILTERING.',
    why: 'Every row of the table or partition is read and most are thrown away: the time grows with the table, not with the result.',
    lock: 'Nothing is locked; the nodes are busy and other requests time out.',
    safe: 'A table by the columns that are asked for, or an index together with the partition key.',
  },
  examples: {
    unsafe: ['SELECT * FROM users WHERE age > 10 ALLOW FILTERING'],
    safe: ['SELECT * FROM users WHERE id = 1'],
  },
  *check(statement) {
    if (statement.has('ALLOW', 'FILTERING')) yield { message: 'ALLOW FILTERING reads rows to throw them away.' };
  },
});
