import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes settings or options of a role, a database or the server. */
export const changingServerSettings = postgresqlRule({
  code: 'PG127',
  name: 'changing-server-settings',
  level: 'warning',
  doc: {
    what: 'Changes settings or options of a role, a database or the server.',
    why: 'They hold for applications that connect later, and for other databases: a migration is the wrong place.',
    lock: 'Nothing; ALTER SYSTEM writes a file.',
    safe: 'Set it in the configuration of the server or of the application, or for this session by SET.',
  },
  examples: {
    unsafe: ['ALTER ROLE app NOLOGIN', 'ALTER DATABASE shop SET work_mem = 1000', "ALTER SYSTEM SET work_mem = '1GB'"],
    safe: ["SET work_mem = '1GB'"],
  },
  *check(statement) {
    const what = {
      AlterRoleStmt: 'the role',
      AlterDatabaseStmt: 'the database',
      AlterDatabaseSetStmt: 'the database',
      AlterSystemStmt: 'the whole server',
    } as const;
    if (statement.kind in what)
      yield {
        message: `This changes ${what[statement.kind as keyof typeof what]} for every application, not this schema alone.`,
      };
  },
});
