import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Builds a table anew: ENGINE = InnoDB, FORCE, OPTIMIZE TABLE, ROW_FORMAT, KEY_BLOCK_SIZE. */
export const rebuildingTable = mysqlRule({
  code: 'MY021',
  name: 'rebuilding-table',
  level: 'warning',
  doc: {
    what: 'Builds a table anew: ENGINE = InnoDB, FORCE, OPTIMIZE TABLE, ROW_FORMAT, KEY_BLOCK_SIZE.',
    why: 'It needs the space and the I/O of the whole table once more, and replicas fall behind by as long as it takes.',
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'gh-ost or pt-online-schema-change, which can be throttled; or leave it: free pages are used again.',
  },
  examples: {
    unsafe: [
      'ALTER TABLE users FORCE',
      'ALTER TABLE users ENGINE = InnoDB',
      'OPTIMIZE TABLE users',
      'ALTER TABLE users ROW_FORMAT = COMPRESSED',
    ],
    safe: [
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t FORCE`,
      'ANALYZE TABLE users',
    ],
  },
  claim: { algorithm: 'INPLACE', lock: 'NONE' },
  *check(statement, context) {
    if (statement.kind === 'maintenance' && statement.verb === 'OPTIMIZE')
      yield { message: `OPTIMIZE builds ${statement.tables.join(', ')} anew.` };
    for (const { table, action } of alterActions(statement)) {
      const engine = action.kind === 'option' && action.name === 'ENGINE' && action.value === 'INNODB';
      const format = action.kind === 'option' && /^(ROW_FORMAT|KEY_BLOCK_SIZE|ENCRYPTION|TABLESPACE)$/.test(action.name);
      const force = action.kind === 'other' && action.verb === 'FORCE';
      if ((engine || format || force) && !context.isNew(table)) yield { at: action.at, message: `This builds ${table} anew.` };
    }
  },
});
