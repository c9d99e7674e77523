import { checkCondition, type TableConstraint } from '../catalog/create-statement.ts';
import type { Table } from '../catalog/table.ts';
import { mentions } from '../sql-tokens.ts';

/** The check constraints that name a column. */
export function checksOver(table: Table, field: string): TableConstraint[] {
  return table.constraints.filter(({ kind, definition }) => kind === 'check' && mentions(checkCondition(definition), field));
}
