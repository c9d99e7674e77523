import { renamedTables } from './changes.ts';
import type { MysqlStatement } from './statement.ts';

/** The tables that a statement takes an exclusive metadata lock on. */
export function definedTables(statement: MysqlStatement): string[] {
  switch (statement.kind) {
    case 'alter_table':
    case 'create_index':
    case 'drop_index':
    case 'truncate':
      return [statement.table];
    case 'rename_table':
      return renamedTables(statement).map(({ old }) => old);
    case 'drop':
      return statement.object === 'table' && !statement.temporary ? [...statement.names] : [];
    case 'create_other':
      return statement.table === undefined ? [] : [statement.table];
    default:
      return [];
  }
}
