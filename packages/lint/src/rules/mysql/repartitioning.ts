import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Partitions a table, or changes how it is partitioned. */
export const repartitioning = mysqlRule({
  code: 'MY022',
  name: 'repartitioning',
  level: 'error',
  doc: {
    what: 'Partitions a table, or changes how it is partitioned.',
    why: 'All rows, or those of the partitions named, are copied.',
    lock: 'SHARED on the table: no writes while the rows are copied. ADD and DROP PARTITION of ranges and lists take a moment.',
    safe: 'Partition when the table is created, and add ranges ahead of time; else copy the table in batches into a partitioned one (polyshift: extract, rename_collection).',
  },
  examples: {
    unsafe: [
      'ALTER TABLE logs PARTITION BY HASH (number) PARTITIONS 4',
      'ALTER TABLE events REMOVE PARTITIONING',
      'ALTER TABLE events REORGANIZE PARTITION p0 INTO (PARTITION a VALUES LESS THAN (5))',
      'ALTER TABLE events COALESCE PARTITION 2',
    ],
    safe: [
      'ALTER TABLE events ADD PARTITION (PARTITION p9 VALUES LESS THAN (100))',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 4`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (
        action.kind !== 'partition' ||
        !/^(PARTITION BY|REMOVE|REORGANIZE|COALESCE|REBUILD|ADD HASH)$/.test(action.verb) ||
        context.isNew(table)
      )
        continue;
      yield { at: action.at, message: `${action.verb} copies rows of ${table}${context.whileCopying}.` };
    }
  },
});
