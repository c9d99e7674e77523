import { cqlRule } from '../../cql/rule.ts';

/** Makes a keyspace with SimpleStrategy, or with one replica. */
export const simpleReplication = cqlRule({
  code: 'CA109',
  name: 'simple-replication',
  level: 'warning',
  doc: {
    what: 'Makes a keyspace with SimpleStrategy, or with one replica.',
    why: 'SimpleStrategy knows no data centers, and one replica loses rows with its node.',
    lock: 'Nothing is locked.',
    safe: "replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}.",
  },
  examples: {
    unsafe: [
      "CREATE KEYSPACE s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
      "CREATE KEYSPACE s WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}",
    ],
    safe: ["CREATE KEYSPACE s WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}"],
  },
  *check(statement) {
    if (!statement.begins('CREATE', 'KEYSPACE') && !statement.begins('ALTER', 'KEYSPACE')) return;
    if (/SimpleStrategy/.test(statement.text)) yield { message: 'SimpleStrategy knows no data centers.' };
    if (/'(?!class)[^']*'\s*:\s*'?1'?\s*[,}]/.test(statement.text))
      yield { message: 'Rows with one replica are lost with its node.' };
  },
});
