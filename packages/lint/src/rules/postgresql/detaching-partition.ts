import { alterations } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Detaches a partition without CONCURRENTLY. */
export const detachingPartition = postgresqlRule({
  code: 'PG025',
  name: 'detaching-partition',
  level: 'warning',
  doc: {
    what: 'Detaches a partition without CONCURRENTLY.',
    why: 'The table as a whole is locked, with all its partitions.',
    lock: 'ACCESS EXCLUSIVE on the partitioned table and the partition, once all running queries on them are done.',
    safe: 'DETACH PARTITION ... CONCURRENTLY (PostgreSQL 14 and later), outside of a transaction.',
  },
  examples: {
    unsafe: ['ALTER TABLE events DETACH PARTITION events_2025'],
    safe: ['ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY'],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false, table: 'events' },
  *check(statement, context) {
    for (const { table, subtype, argument } of alterations(statement)) {
      const partition = argument?.PartitionCmd;
      if (subtype !== 'AT_DetachPartition' || !partition || partition.concurrent || context.isNew(table)) continue;
      yield {
        message: `Detaching ${tableName(partition.name)} without CONCURRENTLY blocks reads and writes of all of ${table}.`,
      };
    }
  },
});
