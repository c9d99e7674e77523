import { postgresqlRule } from '../../postgresql/rule.ts';

/** Builds an index concurrently on PostgreSQL 14.0 to 14.3. */
export const indexCorruption = postgresqlRule({
  code: 'PG037',
  name: 'index-corruption',
  level: 'error',
  doc: {
    what: 'Builds an index concurrently on PostgreSQL 14.0 to 14.3.',
    why: 'Those versions may leave rows out of the index without saying so.',
    lock: 'SHARE UPDATE EXCLUSIVE on the table: reads and writes go on.',
    safe: 'Upgrade to 14.4 or later before; set lint.postgresql_version to the version that is in use.',
  },
  examples: {
    unsafe: [
      `-- postgresql_version 14.2
CREATE INDEX CONCURRENTLY users_age ON users (age)`,
    ],
    safe: ['CREATE INDEX CONCURRENTLY users_age ON users (age)'],
  },
  *check(statement, context) {
    const builds =
      (statement.kind === 'IndexStmt' && statement.node.concurrent) ||
      (statement.kind === 'ReindexStmt' &&
        (statement.node.params ?? []).some(({ DefElem }) => DefElem.defname === 'concurrently'));
    if (builds && /^14\.[0-3]$/.test(context.settings.postgresql_version)) {
      yield { message: `PostgreSQL ${context.settings.postgresql_version} may build a corrupt index concurrently.` };
    }
  },
});
