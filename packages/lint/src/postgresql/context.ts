import type { LintSettings } from '../settings.ts';
import { atLeast } from '../version.ts';
import type { KnownIndex, KnownTable, PostgresqlHistory } from './history.ts';
import { settingsOf } from './session-settings.ts';
import type { PostgresqlStatement } from './statement.ts';

/** What a rule knows beside the statement that it reads. */
export class PostgresqlContext {
  readonly settings: LintSettings;
  /** The statements of the script, all of them, in order. */
  readonly statements: readonly PostgresqlStatement[];
  /** Whether polyshift runs the script as a migration. */
  readonly migration: boolean;
  /** Whether whoever runs the script wraps it in a transaction. */
  readonly wrapped: boolean;
  private readonly history: PostgresqlHistory;

  constructor(parts: {
    settings: LintSettings;
    statements: readonly PostgresqlStatement[];
    migration: boolean;
    wrapped: boolean;
    history: PostgresqlHistory;
  }) {
    this.settings = parts.settings;
    this.statements = parts.statements;
    this.migration = parts.migration;
    this.wrapped = parts.wrapped;
    this.history = parts.history;
  }

  /** Whether every server that the script runs on is at least of this version. */
  atLeast(version: string): boolean {
    return atLeast(this.settings.postgresql_version, version);
  }

  /** What is known of a table before the statement; undefined where no script so far names it. */
  table(name: string): KnownTable | undefined {
    return this.history.tables.get(name);
  }

  /** What is known of all tables before the statement. */
  tables(): Iterable<KnownTable> {
    return this.history.tables.values();
  }

  /** What is known of an index before the statement. */
  index(name: string): KnownIndex | undefined {
    return this.history.indexes.get(name);
  }

  /** Whether this script created the table before the statement: nobody else uses it yet. */
  isNew(table: string): boolean {
    return this.history.tables.get(table)?.fresh ?? false;
  }

  /** The statements before this one. */
  before(statement: PostgresqlStatement): readonly PostgresqlStatement[] {
    return this.statements.slice(0, this.statements.indexOf(statement));
  }

  /** The statements after this one. */
  after(statement: PostgresqlStatement): readonly PostgresqlStatement[] {
    return this.statements.slice(this.statements.indexOf(statement) + 1);
  }

  /** The statements before this one in its transaction. */
  beforeInTransaction(statement: PostgresqlStatement): readonly PostgresqlStatement[] {
    if (statement.transaction === undefined) return [];
    return this.before(statement).filter(({ transaction }) => transaction === statement.transaction);
  }

  /** Whether a setting like `lock_timeout` was set before the statement, by SET or set_config, and not to 0. */
  isSet(name: string, statement: PostgresqlStatement): boolean {
    let set = false;
    for (const each of this.before(statement)) {
      for (const setting of settingsOf(each)) if (setting.name === name) set = setting.value !== '0';
    }
    return set;
  }
}
