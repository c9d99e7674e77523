import { cqlRule } from '../../cql/rule.ts';

/** Creates a SASI index. */
export const sasiIndex = cqlRule({
  code: 'CA112',
  name: 'sasi-index',
  level: 'error',
  doc: {
    what: 'Creates a SASI index.',
    why: 'It is experimental and no longer maintained, and answers may lack rows.',
    lock: 'Nothing is locked; the index is built on every node.',
    safe: 'StorageAttachedIndex (Cassandra 5), or a search engine.',
  },
  examples: {
    unsafe: ["CREATE CUSTOM INDEX i ON users (email) USING 'org.apache.cassandra.index.sasi.SASIIndex'"],
    safe: ["CREATE CUSTOM INDEX i ON users (email) USING 'StorageAttachedIndex'"],
  },
  *check(statement) {
    if (/SASIIndex/.test(statement.text)) yield { message: 'A SASI index may leave rows out.' };
  },
});
