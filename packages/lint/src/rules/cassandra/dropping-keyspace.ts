import { cqlRule } from '../../cql/rule.ts';

/** Drops a keyspace. */
export const droppingKeyspace = cqlRule({
  code: 'CA104',
  name: 'dropping-keyspace',
  level: 'error',
  doc: {
    what: 'Drops a keyspace.',
    why: 'Everything in it is gone.',
    lock: 'Nothing is locked.',
    safe: 'Take a snapshot and try to restore it; drop it by hand later.',
  },
  examples: {
    unsafe: ['DROP KEYSPACE shop'],
    safe: ["CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}"],
  },
  *check(statement) {
    if (statement.begins('DROP', 'KEYSPACE') || statement.begins('DROP', 'SCHEMA'))
      yield { message: `Dropping keyspace ${statement.lastName()} removes everything in it.` };
  },
});
