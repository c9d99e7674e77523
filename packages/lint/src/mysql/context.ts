import type { LintSettings } from '../settings.ts';
import { atLeast } from '../version.ts';
import type { KnownTable, MysqlHistory } from './history.ts';
import type { MysqlStatement } from './statement.ts';

/** What a rule knows beside the statement that it reads. */
export class MysqlContext {
  readonly settings: LintSettings;
  /** The statements of the script, all of them, in order. */
  readonly statements: readonly MysqlStatement[];
  private readonly history: MysqlHistory;

  constructor(settings: LintSettings, statements: readonly MysqlStatement[], history: MysqlHistory) {
    this.settings = settings;
    this.statements = statements;
    this.history = history;
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
    return this.statements.slice(0, this.statements.indexOf(statement));
  }

  /** The statements after this one. */
  after(statement: MysqlStatement): readonly MysqlStatement[] {
    return this.statements.slice(this.statements.indexOf(statement) + 1);
  }
}
