import type { Constraint } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import { quote, quoteList } from '../identifiers.ts';

const actions = {
  no_action: 'NO ACTION',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  set_null: 'SET NULL',
  set_default: 'SET DEFAULT',
} as const;

/** The definition of a check or foreign key constraint, behind its name. `references` is the other table, qualified and quoted. */
export function compileConstraint(constraint: Constraint & { kind: 'check' | 'foreign_key' }, references: string): string {
  if (constraint.kind === 'check') return `CHECK (${constraint.expression})`;
  const { fields, on_delete, on_update, deferrable } = constraint;
  return [
    `FOREIGN KEY (${quoteList(fields)}) REFERENCES ${references} (${quoteList(constraint.references.fields)})`,
    ...(on_delete === 'no_action' ? [] : [`ON DELETE ${actions[on_delete]}`]),
    ...(on_update === 'no_action' ? [] : [`ON UPDATE ${actions[on_update]}`]),
    ...(deferrable ? ['DEFERRABLE INITIALLY IMMEDIATE'] : []),
  ].join(' ');
}

/** The columns that a constraint is over, quoted; throws UNKNOWN_FIELD. */
export function constraintColumns(constraint: Constraint, table: Table): string[] {
  if (constraint.kind === 'check') return [];
  const fields = constraint.kind === 'not_null' ? [constraint.field] : constraint.fields;
  return fields.map((field) => quote(requireColumn(table, field).name));
}

/** The index that a unique or primary key constraint is made of. */
export function keyIndex(constraint: Constraint & { kind: 'primary_key' | 'unique' }, name: string, table: string): string {
  const nulls = constraint.kind === 'unique' && !constraint.nulls_distinct ? ' NULLS NOT DISTINCT' : '';
  return `CREATE UNIQUE INDEX CONCURRENTLY ${quote(name)} ON ${table} (${quoteList(constraint.fields)})${nulls}`;
}
