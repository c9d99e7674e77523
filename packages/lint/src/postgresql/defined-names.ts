import type { DefinedName } from '../naming.ts';
import { alterations } from './alterations.ts';
import { createdColumns } from './created-columns.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { ConstraintNode } from './tree.ts';

/** The names that a statement gives. */
export function definedNames(statement: PostgresqlStatement): DefinedName[] {
  const names: DefinedName[] = [];
  const constraint = (node: ConstraintNode | undefined) => {
    if (node?.conname === undefined) return;
    const kind = kindOf(node.contype);
    if (kind) names.push({ kind, name: node.conname, at: statement.offset(node.location) });
  };
  for (const { column, at } of createdColumns(statement)) {
    names.push({ kind: 'column', name: column.name, at });
    for (const node of column.constraints) constraint(node);
  }
  for (const { argument } of alterations(statement)) constraint(argument?.Constraint);
  switch (statement.kind) {
    case 'CreateStmt':
      names.push({
        kind: 'table',
        name: statement.node.relation.relname,
        at: statement.offset(statement.node.relation.location),
      });
      for (const { Constraint } of statement.node.tableElts ?? []) constraint(Constraint);
      break;
    case 'CreateTableAsStmt':
      names.push({ kind: 'table', name: statement.node.into.rel.relname });
      break;
    case 'CreateSchemaStmt':
      names.push({ kind: 'schema', name: statement.node.schemaname });
      break;
    case 'IndexStmt':
      if (statement.node.idxname !== undefined) names.push({ kind: 'index', name: statement.node.idxname });
      break;
    case 'RenameStmt': {
      const kinds = { OBJECT_TABLE: 'table', OBJECT_COLUMN: 'column', OBJECT_INDEX: 'index', OBJECT_SCHEMA: 'schema' } as const;
      const kind = kinds[statement.node.renameType as keyof typeof kinds];
      if (kind) names.push({ kind, name: statement.node.newname });
      break;
    }
  }
  return names;
}

function kindOf(contype: string): DefinedName['kind'] | undefined {
  if (contype === 'CONSTR_FOREIGN') return 'foreign_key';
  if (contype === 'CONSTR_CHECK') return 'check';
  return contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_EXCLUSION' ? 'index' : undefined;
}
