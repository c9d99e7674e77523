import type { HistoryRecord, JournalKind, JournalRecords, ScriptGuard, ScriptWriter } from '@polyshift/core';
import type { Database } from '../database.ts';
import { literal } from '../identifiers.ts';
import { historyPut, journalTable, jsonPut } from '../journal.ts';
import { block, raise } from './block.ts';
import { sessionSettings, writtenStatements } from './written.ts';

const outdated = 'Print the script again: it was written for another state.';

/** Frames the rollback scripts of PostgreSQL: one transaction, which holds the lock's row so that no run can begin meanwhile. */
export class PostgresScripts implements ScriptWriter {
  readonly atomic = true;
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async begin(guard: ScriptGuard): Promise<readonly string[]> {
    return [
      `SET client_encoding = 'UTF8'`,
      'SET standard_conforming_strings = on',
      'BEGIN ISOLATION LEVEL READ COMMITTED',
      ...(await sessionSettings(this.database)),
      lockGuard(guard.lock),
      historyGuard(guard),
      ...(guard.steps.length > 0 ? [stepGuard(guard)] : []),
    ];
  }

  put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind]): readonly string[] {
    if (kind === 'history') return [historyPut(key, record as HistoryRecord)];
    return [jsonPut(kind as Exclude<JournalKind, 'history'>, key, record)];
  }

  delete(kind: JournalKind, key: string): readonly string[] {
    return [`DELETE FROM ${journalTable(kind)} WHERE ${kind === 'history' ? 'version' : 'key'} = ${literal(key)}`];
  }

  async written(script: string): Promise<readonly string[]> {
    return await writtenStatements(this.database, script);
  }

  end(): readonly string[] {
    return ['COMMIT'];
  }

  render(statements: readonly string[]): string {
    return `${statements.map((statement) => `${statement}${endsInComment(statement) ? '\n' : ''};\n`).join('\n')}`;
  }
}

/**
 * Fails where a live run holds the lock. Its token grows, so that a run that died and comes back finds its writes refused; its row stays locked
 * until the script has ended, so that no run begins.
 */
function lockGuard(lock: string): string {
  const row = `polyshift.migration_lock WHERE name = ${literal(lock)}`;
  return block(
    `UPDATE polyshift.migration_lock SET token = token + 1, holder = NULL, expires_at = clock_timestamp()
    WHERE name = ${literal(lock)} AND (holder IS NULL OR expires_at <= clock_timestamp());
  IF NOT FOUND AND EXISTS (SELECT FROM ${row}) THEN
    ${raise('LOCKED: another run holds the lock', 'Wait until it has ended, then print the script again.')}
  END IF;`,
  );
}

/** Fails where any migration stands otherwise than when the script was printed. */
function historyGuard({ current_version, history }: ScriptGuard): string {
  const rows = history.map(({ version, state, run_id }) => `${version} ${state} ${run_id}`).sort();
  return block(
    `SELECT string_agg(version || ' ' || state || ' ' || run_id, ', ' ORDER BY (version || ' ' || state || ' ' || run_id) COLLATE "C") INTO found
    FROM polyshift.schema_migrations WHERE state NOT IN ('rolled_back', 'failed');
  IF found IS DISTINCT FROM ${literal(rows.join(', '))} THEN
    ${raise(`VERSION_UNEXPECTED: the history is not that of version ${current_version ?? 'none'} any more`, outdated)}
  END IF;`,
    'found text;',
  );
}

/** Fails where a step has gone on or back since. */
function stepGuard({ steps }: ScriptGuard): string {
  const rows = steps.map(
    ({ version, index, state }) => `(${literal(`${version}/${String(index).padStart(5, '0')}`)}, ${literal(state)})`,
  );
  return block(
    `IF EXISTS (SELECT FROM (VALUES ${rows.join(', ')}) AS w(key, state)
    LEFT JOIN polyshift.migration_steps s ON s.key = w.key WHERE s.record->>'state' IS DISTINCT FROM w.state) THEN
    ${raise('VERSION_UNEXPECTED: an operation stands otherwise than when the script was printed', outdated)}
  END IF;`,
  );
}

/** Whether the semicolon behind a statement would be part of its last comment. */
function endsInComment(statement: string): boolean {
  return statement.slice(statement.lastIndexOf('\n') + 1).includes('--');
}
