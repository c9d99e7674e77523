import type { MysqlStatement } from './statement.ts';

/** Whether a transaction that statements have begun is open behind the last of them. */
export function inTransaction(statements: readonly MysqlStatement[]): boolean {
  let open = false;
  for (const statement of statements) {
    if (statement.kind === 'transaction' && statement.verb !== 'savepoint') open = statement.verb === 'begin';
  }
  return open;
}
