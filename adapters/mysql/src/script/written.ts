import { settingsStatement } from '../session-settings.ts';
import { splitScript } from '../sql-script.ts';

/** The settings of polyshift's own connections, but for how long a statement waits: a script that gives up half-way helps nobody. */
export const scriptSettings = settingsStatement([], { waits: false });

/** What a user has written, statement by statement, under the modes of the server for which it was written; then the script's own settings again. */
export function writtenStatements(sql: string): {
  readonly before: string;
  readonly statements: readonly string[];
  readonly after: string;
} {
  return {
    before: 'SET sql_mode = @@GLOBAL.sql_mode',
    statements: splitScript(sql, 'down').map(({ text }) => text),
    after: scriptSettings,
  };
}
