import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a partition of a table that is in use by CREATE TABLE ... PARTITION OF. */
export const creatingPartition = postgresqlRule({
  code: 'PG040',
  name: 'creating-partition',
  level: 'warning',
  doc: {
    what: 'Creates a partition of a table that is in use by CREATE TABLE ... PARTITION OF.',
    why: 'The whole partitioned table is locked, and a DEFAULT partition is read for rows that belong into the new one.',
    lock: 'ACCESS EXCLUSIVE on the partitioned table: no reads and no writes of any partition, once all running queries are done.',
    safe: 'CREATE TABLE p (LIKE parent INCLUDING ALL), then ALTER TABLE parent ATTACH PARTITION p, which lets others read and write the table.',
  },
  examples: {
    unsafe: ["CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"],
    safe: [
      `CREATE TABLE p (LIKE events);
ALTER TABLE events ATTACH PARTITION p FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')`,
      `CREATE TABLE m (a int) PARTITION BY RANGE (a);
CREATE TABLE m1 PARTITION OF m DEFAULT`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false, table: 'events' },
  *check(statement, context) {
    if (statement.kind !== 'CreateStmt' || !statement.node.partbound) return;
    const parent = statement.node.inhRelations?.[0];
    if (!parent || context.isNew(tableName(parent.RangeVar))) return;
    const table = tableName(parent.RangeVar);
    yield { message: `Creating partition ${tableName(statement.node.relation)} blocks reads and writes of all of ${table}.` };
  },
});
