import { addedConstraints } from './alterations.ts';
import { columnOf } from './column.ts';
import { tableName, words } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { ConstraintNode } from './tree.ts';

/** The columns that an index of a new table begins with: its keys, and the indexes that later statements build. */
export function indexedFirst(create: PostgresqlStatement, later: readonly PostgresqlStatement[], table: string): Set<string> {
  const first = new Set<string>();
  const key = (node: ConstraintNode, column: string | undefined) => {
    if (!/^CONSTR_(PRIMARY|UNIQUE)$/.test(node.contype)) return;
    const name = column ?? words(node.keys)[0];
    if (name !== undefined) first.add(name);
  };
  if (create.kind === 'CreateStmt') {
    for (const { ColumnDef, Constraint } of create.node.tableElts ?? []) {
      if (Constraint) key(Constraint, undefined);
      if (ColumnDef) for (const node of columnOf(ColumnDef).constraints) key(node, ColumnDef.colname);
    }
  }
  for (const statement of later) {
    for (const added of addedConstraints(statement)) if (added.table === table) key(added.constraint, added.column?.name);
    if (statement.kind !== 'IndexStmt' || tableName(statement.node.relation) !== table) continue;
    const name = statement.node.indexParams[0]?.IndexElem.name;
    if (name !== undefined) first.add(name);
  }
  return first;
}
