import { PolyshiftError } from '@polyshift/core';
import type { Database } from '../database.ts';
import { literal } from '../identifiers.ts';
import { scriptSettingsParameter, settingsText } from '../session-settings.ts';
import { needsNoTransaction, parseSql } from '../sql-parser.ts';
import { block } from './block.ts';

/** The statement that gives a script, for the time of its transaction, the settings of polyshift's own connections. */
export async function sessionSettings(database: Database): Promise<string[]> {
  const path = await database.scalar(`SELECT current_setting('search_path')`);
  const set = `PERFORM * FROM (${settingsText(literal(scriptSettingsParameter), true)}) AS s;`;
  // In a block, because a client would print the rows of a SELECT.
  return [block(`${set}\n  PERFORM set_config('search_path', ${literal(String(path))}, true);`)];
}

/**
 * What a user has written, statement by statement; what it sets for its session does not change what comes after it. Throws NOT_SCRIPTABLE
 * where a statement cannot be part of a transaction.
 */
export async function writtenStatements(database: Database, sql: string): Promise<string[]> {
  const statements = await parseSql(sql);
  for (const { node, line } of statements) {
    const [kind = ''] = Object.keys(node);
    if (!needsNoTransaction(kind, node)) continue;
    throw new PolyshiftError(
      'NOT_SCRIPTABLE',
      `line ${line} of the way back that the user has written cannot be part of a transaction, and the script is one`,
      { hint: '`polyshift down` runs it by itself.' },
    );
  }
  return [...statements.map(({ text }) => text), 'RESET ROLE', ...(await sessionSettings(database))];
}
