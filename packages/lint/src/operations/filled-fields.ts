import type { Operation } from '@polyshift/core';
import type { OperationContext } from './rule.ts';

/** The fields of the operation's collection that this migration, before the operation, or an earlier one gives every row a value. */
export function filledFields(operation: Operation, { operations, earlier }: OperationContext): Set<string> {
  const filled = new Set<string>();
  for (const each of [...earlier, ...operations.slice(0, operations.indexOf(operation))]) {
    if (each.collection !== operation.collection) continue;
    if (each.type === 'add_field' && each.data.default_value !== undefined && !each.conditions) filled.add(each.data.field_name);
    if (each.type === 'rename_field' && filled.delete(each.data.old_name)) filled.add(each.data.new_name);
    if (each.type === 'migrate_data' && !each.conditions) {
      for (const stage of each.data.pipeline ?? []) {
        for (const name of Object.keys((stage['$set'] ?? {}) as Record<string, unknown>)) filled.add(name);
      }
    }
    if (each.type === 'schema_validation') {
      const required = each.data.schema['required'];
      for (const name of Array.isArray(required) ? required : []) filled.add(String(name));
    }
  }
  return filled;
}
