import type { PostgresqlStatement } from './statement.ts';

/** Whether a BEGIN among the statements has not been ended by the last of them. */
export function openTransactions(statements: readonly PostgresqlStatement[]): boolean {
  let open = false;
  for (const statement of statements) {
    if (statement.kind !== 'TransactionStmt') continue;
    if (/^TRANS_STMT_(BEGIN|START)$/.test(statement.node.kind)) open = true;
    if (/^TRANS_STMT_(COMMIT|ROLLBACK|PREPARE)$/.test(statement.node.kind)) open = false;
  }
  return open;
}
