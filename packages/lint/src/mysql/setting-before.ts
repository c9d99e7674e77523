import type { MysqlContext } from './context.ts';
import type { MysqlStatement } from './statement.ts';

/** The value that a variable of the session was set to last before a statement; undefined where the script has not set it. */
export function settingBefore(statement: MysqlStatement, context: MysqlContext, variable: string): string | undefined {
  let value: string | undefined;
  for (const each of context.before(statement)) {
    if (each.kind !== 'set') continue;
    for (const setting of each.settings) if (setting.name === variable && setting.scope === 'session') value = setting.value;
  }
  return value;
}
