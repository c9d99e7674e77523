import { mysqlRule } from '../../mysql/rule.ts';

/** Creates a table with an engine that has no transactions. */
export const engineWithoutTransactions = mysqlRule({
  code: 'MY305',
  name: 'engine-without-transactions',
  level: 'warning',
  doc: {
    what: 'Creates a table with an engine that has no transactions.',
    why: 'A crash leaves half of a change, every write locks the whole table, and there are no foreign keys.',
    lock: 'Nothing now.',
    safe: 'ENGINE = InnoDB.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a INT) ENGINE = MyISAM', 'CREATE TABLE t (a INT) ENGINE = Aria'],
    safe: ['CREATE TABLE t (a INT) ENGINE = InnoDB', 'CREATE TEMPORARY TABLE t (a INT) ENGINE = MEMORY'],
  },
  *check(statement) {
    if (statement.kind !== 'create_table' || statement.temporary) return;
    const engine = statement.options['ENGINE'];
    if (engine !== undefined && /^(MYISAM|ARIA|MEMORY|ARCHIVE|CSV|MERGE|BLACKHOLE)$/i.test(engine))
      yield { message: `${statement.table} has the engine ${engine}, which has no transactions.` };
  },
});
