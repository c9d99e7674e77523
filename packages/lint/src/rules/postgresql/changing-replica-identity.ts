import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes the replica identity of a table. */
export const changingReplicaIdentity = postgresqlRule({
  code: 'PG124',
  name: 'changing-replica-identity',
  level: 'warning',
  doc: {
    what: 'Changes the replica identity of a table.',
    why: 'Logical replicas and change streams get other old values with updates and deletes; with NOTHING they fail.',
    lock: 'ACCESS EXCLUSIVE on the table for a moment.',
    safe: 'Stop or prepare the readers of the change stream first.',
  },
  examples: {
    unsafe: ['ALTER TABLE users REPLICA IDENTITY FULL'],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t REPLICA IDENTITY FULL`,
      'ALTER TABLE users ADD COLUMN a int',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false },
  *check(statement, context) {
    for (const { table, subtype } of alterations(statement)) {
      if (subtype === 'AT_ReplicaIdentity' && !context.isNew(table))
        yield { message: `Change streams of ${table} carry other keys from now on.` };
    }
  },
});
