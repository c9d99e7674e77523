import { randomUUID } from 'node:crypto';
import type { HistoryRecord, JournalKind, JournalRecords, ScriptGuard, ScriptWriter } from '@polyshift/core';
import type { Database } from '../database.ts';
import { literal, quote } from '../identifiers.ts';
import { deleteStatement, historyPut, recordPut } from '../journal.ts';
import { createGuard, guardTable, refuseWhere } from './guard.ts';
import { scriptSettings, writtenStatements } from './written.ts';

/** Frames the rollback scripts of MySQL and MariaDB, where each definition commits by itself: the script holds the lock while it runs. */
export class MysqlScripts implements ScriptWriter {
  readonly atomic = false;
  private readonly database: Database;
  private lock = '';

  constructor(database: Database) {
    this.database = database;
  }

  async begin(guard: ScriptGuard): Promise<readonly string[]> {
    const { lock } = guard;
    this.lock = lock;
    const row = await this.database.row<{ name: string }>('SELECT DATABASE() AS name');
    const holder = JSON.stringify({ id: randomUUID(), host: 'script', pid: 0, command: 'a printed rollback script' });
    return [
      `USE ${quote(row!.name)}`,
      scriptSettings,
      createGuard,
      `INSERT IGNORE INTO polyshift_lock VALUES (${literal(lock)}, 0, NULL, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
      'START TRANSACTION',
      `UPDATE polyshift_lock SET token = token + 1, holder = ${literal(holder)}, acquired_at = UTC_TIMESTAMP(6),
  expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 DAY
  WHERE name = ${literal(lock)} AND (holder IS NULL OR expires_at <= UTC_TIMESTAMP(6))`,
      refuseWhere(
        `NOT EXISTS (SELECT 1 FROM polyshift_lock WHERE name = ${literal(lock)} AND holder = ${literal(holder)})`,
        'LOCKED: another run holds the lock; wait until it has ended, then print the script again',
      ),
      `INSERT INTO polyshift_fence SELECT name, token, 1 FROM polyshift_lock WHERE name = ${literal(lock)}
  ON DUPLICATE KEY UPDATE token = VALUES(token), held = VALUES(held)`,
      ...historyGuards(guard),
      ...(await this.stepGuards(guard)),
      'COMMIT',
    ];
  }

  put<Kind extends JournalKind>(kind: Kind, key: string, record: JournalRecords[Kind]): readonly string[] {
    return [kind === 'history' ? historyPut(key, record as HistoryRecord) : recordPut(kind, key, record)];
  }

  delete(kind: JournalKind, key: string): readonly string[] {
    return [deleteStatement(kind, key)];
  }

  async written(script: string): Promise<readonly string[]> {
    const { before, statements, after } = writtenStatements(script);
    return [before, ...statements, after];
  }

  end(): readonly string[] {
    const name = literal(this.lock);
    return [
      `UPDATE polyshift_fence SET held = 0 WHERE name = ${name}`,
      `UPDATE polyshift_lock SET holder = NULL, expires_at = UTC_TIMESTAMP(6) WHERE name = ${name}`,
      `DROP TEMPORARY TABLE ${guardTable}`,
    ];
  }

  render(statements: readonly string[]): string {
    return statements.map((statement) => `${ended(statement)}\n`).join('\n');
  }

  /** Steps must stand as they do now, to the letter. */
  private async stepGuards({ steps }: ScriptGuard): Promise<string[]> {
    const guards: string[] = [];
    for (const { version, index } of steps) {
      const name = literal(`${version}/${String(index).padStart(5, '0')}`);
      const where = `FROM polyshift_records WHERE kind = 'step' AND name = ${name}`;
      const row = await this.database.row<{ hash: string }>(`SELECT SHA2(record, 256) AS hash ${where}`);
      guards.push(
        refuseWhere(
          `NOT EXISTS (SELECT 1 ${where} AND SHA2(record, 256) = ${literal(row?.hash ?? '')})`,
          `VERSION_UNEXPECTED: operation ${index + 1} of version ${version} stands otherwise than when the script was printed`,
        ),
      );
    }
    return guards;
  }
}

/** Fails where any migration stands otherwise than when the script was printed. */
function historyGuards({ current_version, history }: ScriptGuard): string[] {
  const standing = "FROM polyshift_schema_migrations WHERE state NOT IN ('rolled_back', 'failed')";
  const rows = history.map(({ version, state, run_id }) => `(${[version, state, run_id].map(literal).join(', ')})`);
  const same = `(SELECT COUNT(*) ${standing} AND (version, state, run_id) IN (${rows.join(', ')}))`;
  return [
    refuseWhere(
      `(SELECT COUNT(*) ${standing}) <> ${rows.length} OR ${same} <> ${rows.length}`,
      `VERSION_UNEXPECTED: the history is not that of version ${current_version ?? 'none'} any more; print the script again`,
    ),
  ];
}

/** A statement with its end. The body of a routine holds semicolons, at which clients would end it: they are told otherwise. */
function ended(statement: string): string {
  const end = /(--|#)[^\n]*$/.test(statement) ? '\n' : '';
  const isRoutine = /^(\s|--[^\n]*\n)*CREATE\b[^;]*?\b(PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)\b/i.test(statement);
  if (!isRoutine || !statement.includes(';')) return `${statement}${end};`;
  return `DELIMITER //\n${statement}${end}//\nDELIMITER ;`;
}
