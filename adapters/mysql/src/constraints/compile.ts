import type { Constraint } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { quoteList } from '../identifiers.ts';

const actions = {
  no_action: 'NO ACTION',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  set_null: 'SET NULL',
} as const;

/** The definition of a check or foreign key, behind its name. `references` is the other table, qualified and quoted. */
export function compileConstraint(constraint: Constraint & { kind: 'check' | 'foreign_key' }, references: string): string {
  if (constraint.kind === 'check') return `CHECK (${constraint.expression})`;
  const { fields, on_delete, on_update, deferrable } = constraint;
  if (deferrable) throw unsupported('deferrable foreign keys', 'Leave `deferrable` out: rows are checked by each statement.');
  if (on_delete === 'set_default' || on_update === 'set_default')
    throw unsupported('the action set_default', 'Use set_null, cascade or restrict.');
  return [
    `FOREIGN KEY (${quoteList(fields)}) REFERENCES ${references} (${quoteList(constraint.references.fields)})`,
    ...(on_delete === 'no_action' ? [] : [`ON DELETE ${actions[on_delete]}`]),
    ...(on_update === 'no_action' ? [] : [`ON UPDATE ${actions[on_update]}`]),
  ].join(' ');
}

/** The error of what the constraints of MySQL cannot say. */
export function unsupported(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('UNSUPPORTED_OPERATION', `MySQL does not carry ${what}.`, { hint });
}
