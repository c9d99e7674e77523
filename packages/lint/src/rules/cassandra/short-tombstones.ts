import { cqlRule } from '../../cql/rule.ts';

/** Sets gc_grace_seconds to zero or less than an hour. */
export const shortTombstones = cqlRule({
  code: 'CA110',
  name: 'short-tombstones',
  level: 'error',
  doc: {
    what: 'Sets gc_grace_seconds to zero or less than an hour.',
    why: 'A node that was down brings deleted rows back: their tombstones are gone before it is repaired.',
    lock: 'Nothing is locked.',
    safe: 'Longer than the time between two repairs; by default ten days.',
  },
  examples: {
    unsafe: ['ALTER TABLE users WITH gc_grace_seconds = 0'],
    safe: ['ALTER TABLE users WITH gc_grace_seconds = 864000'],
  },
  *check(statement) {
    const seconds = /gc_grace_seconds\s*=\s*(\d+)/i.exec(statement.text)?.[1];
    if (seconds !== undefined && Number(seconds) < 3600)
      yield { message: `Deleted rows may come back: tombstones live for ${seconds} seconds.` };
  },
});
