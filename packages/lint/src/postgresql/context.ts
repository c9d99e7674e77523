import type { LintSettings } from '../settings.ts';
import { atLeast } from '../version.ts';
import type { KnownIndex, KnownTable, PostgresqlHistory } from './history.ts';
import { settingsOf } from './session-settings.ts';
import type { PostgresqlStatement } from './statement.ts';
import { writeLocked } from './write-locks.ts';

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
  private readonly positions: ReadonlyMap<PostgresqlStatement, number>;
  private readonly session = new Map<string, string>();
  private readonly locks = new Map<number, Set<string>>();
  private waited = false;

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
    this.positions = new Map(parts.statements.map((statement, index) => [statement, index]));
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
    return this.statements.slice(0, this.positions.get(statement));
  }

  /** The statements after this one. */
  after(statement: PostgresqlStatement): readonly PostgresqlStatement[] {
    return this.statements.slice((this.positions.get(statement) ?? 0) + 1);
  }

  /** The statements before this one in its transaction. */
  beforeInTransaction(statement: PostgresqlStatement): readonly PostgresqlStatement[] {
    if (statement.transaction === undefined) return [];
    return this.before(statement).filter(({ transaction }) => transaction === statement.transaction);
  }

  /** The tables that the transaction of the statement has kept writers out of by now. */
  held(statement: PostgresqlStatement): ReadonlySet<string> {
    return (statement.transaction === undefined ? undefined : this.locks.get(statement.transaction)) ?? new Set();
  }

  /** Whether a setting like `lock_timeout` was set by now, by SET or set_config, and not to 0. */
  isSet(name: string): boolean {
    return (this.session.get(name) ?? '0') !== '0';
  }

  /** Whether an earlier statement of the script has waited for a lock on a table that was in use. */
  get waitedBefore(): boolean {
    return this.waited;
  }

  /** Takes in a statement that the rules have seen: they are asked about one after the other. */
  advance(statement: PostgresqlStatement): void {
    for (const { name, value } of settingsOf(statement)) this.session.set(name, value);
    const tables = writeLocked(statement).filter((table) => !this.isNew(table));
    if (tables.length === 0) return;
    this.waited = true;
    if (statement.transaction === undefined) return;
    const held = this.locks.get(statement.transaction) ?? new Set();
    for (const table of tables) held.add(table);
    this.locks.set(statement.transaction, held);
  }
}
