import { addedConstraints } from './alterations.ts';
import { type ColumnType, columnOf } from './column.ts';
import type { PostgresqlContext } from './context.ts';
import { tableName, words } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { ConstraintNode } from './tree.ts';

/** A foreign key that a statement makes, with what is known of its columns. */
export interface ForeignKey {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType | undefined }[];
  /** The table that it points to. */
  readonly to: string;
  /** The columns there, where the statement names them. */
  readonly references: readonly string[];
  readonly at: number | undefined;
}

/** The foreign keys that CREATE TABLE or ALTER TABLE makes. */
export function foreignKeys(statement: PostgresqlStatement, context: PostgresqlContext): ForeignKey[] {
  const keys: ForeignKey[] = [];
  const add = (table: string, node: ConstraintNode, columns: ForeignKey['columns'], at: number | undefined) => {
    if (node.contype !== 'CONSTR_FOREIGN' || !node.pktable) return;
    keys.push({ table, columns, to: tableName(node.pktable), references: words(node.pk_attrs), at });
  };
  if (statement.kind === 'CreateStmt') {
    const table = tableName(statement.node.relation);
    const columns = (statement.node.tableElts ?? []).flatMap(({ ColumnDef }) => (ColumnDef ? columnOf(ColumnDef) : []));
    for (const column of columns) {
      for (const node of column.constraints) add(table, node, [column], statement.offset(node.location));
    }
    for (const { Constraint: node } of statement.node.tableElts ?? []) {
      const named = words(node?.fk_attrs).map((name) => ({ name, type: columns.find((each) => each.name === name)?.type }));
      if (node) add(table, node, named, statement.offset(node.location));
    }
  }
  for (const { table, constraint, column, at } of addedConstraints(statement)) {
    const known = context.table(table)?.columns;
    const named = words(constraint.fk_attrs).map((name) => ({ name, type: known?.get(name)?.type }));
    add(table, constraint, column ? [column] : named, at);
  }
  return keys;
}
