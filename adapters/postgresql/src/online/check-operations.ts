import { type Check, fail, type JsonObject, type Operation } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import { quote } from '../identifiers.ts';
import type { HandlerOf } from './build.ts';

/**
 * The checks of the operations' own handlers, against the table as it is. One that builds upon an operation before it is checked when the new version
 * is built, before anybody uses that.
 */
export async function checkOperations(operations: readonly Operation[], handlerOf: HandlerOf): Promise<Check[]> {
  const checks: Check[] = [];
  const touched = new Set<string>();
  for (const operation of operations) {
    const fields = fieldsOf(operation);
    const independent = fields?.every((field) => !touched.has(field));
    if (independent || touched.size === 0) checks.push(...(await handlerOf(operation.type).check(operation)));
    for (const field of fields ?? []) touched.add(field);
    if (fields === undefined) touched.add('*');
  }
  return checks;
}

/** The fields that an operation needs to find as they are; undefined where it may need more than fields. */
function fieldsOf(operation: Operation): string[] | undefined {
  switch (operation.type) {
    case 'rename_field':
      return [operation.data.old_name, operation.data.new_name];
    case 'remove_field':
    case 'set_default':
      return [operation.data.field_name];
    case 'change_type':
      return operation.data.using === undefined ? [operation.data.field_name] : undefined;
    case 'add_field':
      return operation.conditions === undefined ? [operation.data.field_name] : undefined;
    default:
      return undefined;
  }
}

/** Fields that the new version drops, and that every row of the old one must have: what the new version writes needs a value there. */
export function checkBack(operations: readonly Operation[], back: JsonObject, table: Table): Check[] {
  const names = new Map(table.columns.map(({ name }) => [name, name]));
  const checks: Check[] = [];
  for (const field of Object.keys(back)) requireColumn(table, field);
  for (const operation of operations) {
    if (operation.type === 'rename_field') {
      const old = names.get(operation.data.old_name);
      names.delete(operation.data.old_name);
      if (old !== undefined) names.set(operation.data.new_name, old);
    }
    if (operation.type !== 'remove_field') continue;
    const old = names.get(operation.data.field_name);
    names.delete(operation.data.field_name);
    const column = table.columns.find(({ name }) => name === old);
    if (!column || column.nullable || column.default !== undefined || column.generated !== undefined || old! in back) continue;
    checks.push(
      fail(
        'value_for_old',
        `the old version needs a value for ${old}, which the new one does not have: it would refuse every row that the new one writes`,
        `Give an expression for it: back: { ${quote(old!)}: ... }.`,
      ),
    );
  }
  return checks;
}
