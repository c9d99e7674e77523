import type { LintSettings } from '../settings.ts';
import { atLeast } from '../version.ts';
import { definedTables } from './defined-tables.ts';
import type { KnownTable, MysqlHistory } from './history.ts';
import type { MysqlStatement } from './statement.ts';

/** What a rule knows beside the statement that it reads. */
export class MysqlContext {
  readonly settings: LintSettings;
  /** The statements of the script, all of them, in order. */
  readonly statements: readonly MysqlStatement[];
  private readonly history: MysqlHistory;
  private readonly positions: ReadonlyMap<MysqlStatement, number>;
  private readonly session = new Map<string, string>();
  private transaction = false;
  private waited = false;

  constructor(settings: LintSettings, statements: readonly MysqlStatement[], history: MysqlHistory) {
    this.settings = settings;
    this.statements = statements;
    this.history = history;
    this.positions = new Map(statements.map((statement, index) => [statement, index]));
  }

  /** Whether the files run on MariaDB. */
  get mariadb(): boolean {
    return this.settings.mariadb_version !== undefined;
  }

  /** Whether every server is at least of this version of MySQL or, where the files run on MariaDB, of MariaDB. */
  atLeast(mysql: string, mariadb: string): boolean {
    const { mysql_version, mariadb_version } = this.settings;
    return mariadb_version === undefined ? atLeast(mysql_version, mysql) : atLeast(mariadb_version, mariadb);
  }

  /** What a copy of the table keeps others from, as the end of a sentence: nothing since MariaDB 11.2. */
  get whileCopying(): string {
    return this.mariadb && this.atLeast('0', '11.2') ? '' : ' while it takes no writes';
  }

  /** What is known of a table before the statement; undefined where no script so far names it. */
  table(name: string): KnownTable | undefined {
    return this.history.table(name);
  }

  /** Whether this script created the table before the statement: nobody else uses it yet. */
  isNew(table: string): boolean {
    return this.history.table(table)?.fresh ?? false;
  }

  /** The statements before this one. */
  before(statement: MysqlStatement): readonly MysqlStatement[] {
    return this.statements.slice(0, this.positions.get(statement));
  }

  /** The statements after this one. */
  after(statement: MysqlStatement): readonly MysqlStatement[] {
    return this.statements.slice((this.positions.get(statement) ?? 0) + 1);
  }

  /** The value that a variable of the session was set to last by now; undefined where the script has not set it. */
  setting(name: string): string | undefined {
    return this.session.get(name);
  }

  /** Whether the script has begun a transaction that is still open. */
  get inTransaction(): boolean {
    return this.transaction;
  }

  /** Whether an earlier statement of the script has waited for the metadata lock of a table that was in use. */
  get waitedBefore(): boolean {
    return this.waited;
  }

  /** Takes in a statement that the rules have seen: they are asked about one after the other. */
  advance(statement: MysqlStatement): void {
    if (statement.kind === 'set') {
      for (const { scope, name, value } of statement.settings) if (scope === 'session') this.session.set(name, value);
    }
    if (statement.kind === 'transaction' && statement.verb !== 'savepoint') this.transaction = statement.verb === 'begin';
    if (definedTables(statement).some((table) => !this.isNew(table))) this.waited = true;
  }
}
