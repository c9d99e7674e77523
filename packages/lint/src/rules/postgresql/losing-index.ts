import { dropped } from '../../postgresql/dropped.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops an index, in whatever way. */
export const losingIndex = postgresqlRule({
  code: 'PG133',
  name: 'losing-index',
  level: 'off',
  doc: {
    what: 'Drops an index, in whatever way.',
    why: 'Queries that used it read the whole table; a unique index no longer refuses duplicates.',
    lock: 'As PG008.',
    safe: 'Look into pg_stat_user_indexes whether it is used.',
  },
  examples: {
    unsafe: ['DROP INDEX CONCURRENTLY users_name'],
    safe: ['CREATE INDEX CONCURRENTLY i ON users (name)'],
  },
  *check(statement, context) {
    for (const name of dropped(statement, 'OBJECT_INDEX')) {
      if (context.isNew(name)) continue;
      yield { message: `Dropping index ${name} breaks whatever still uses it.` };
    }
  },
});
