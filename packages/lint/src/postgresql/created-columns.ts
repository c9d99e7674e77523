import { type AddedColumn, addedColumns } from './alterations.ts';
import { columnOf } from './column.ts';
import { tableName } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';

/** The columns that CREATE TABLE or ADD COLUMN makes. */
export function createdColumns(statement: PostgresqlStatement): Omit<AddedColumn, 'ifNotExists'>[] {
  if (statement.kind !== 'CreateStmt') return addedColumns(statement);
  const table = tableName(statement.node.relation);
  return (statement.node.tableElts ?? []).flatMap(({ ColumnDef }) =>
    ColumnDef ? [{ table, column: columnOf(ColumnDef), at: statement.offset(ColumnDef.location) }] : [],
  );
}
