import { mysqlRule } from '../../mysql/rule.ts';

/** Sets a variable of the server by SET GLOBAL or PERSIST. */
export const changingServerSettings = mysqlRule({
  code: 'MY036',
  name: 'changing-server-settings',
  level: 'warning',
  doc: {
    what: 'Sets a variable of the server by SET GLOBAL or PERSIST.',
    why: 'It holds for all applications that connect later.',
    lock: 'Nothing.',
    safe: 'SET SESSION, or the configuration of the server.',
  },
  examples: {
    unsafe: ['SET GLOBAL max_connections = 10', 'SET PERSIST sql_mode = 0'],
    safe: ['SET SESSION sql_mode = 0', 'SET @a = 1'],
  },
  *check(statement) {
    if (statement.kind !== 'set') return;
    for (const { scope, name } of statement.settings) {
      if (scope !== 'session') yield { message: `${name} changes for every application on the server.` };
    }
  },
});
