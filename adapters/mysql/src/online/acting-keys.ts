import type { Check, Operation } from '@polyshift/core';
import { fail, innerOperations } from '@polyshift/core';
import type { TableConstraint } from '../catalog/create-statement.ts';
import type { Table } from '../catalog/table.ts';
import { backSql } from './build-mapping.ts';
import { actionOf } from './reference.ts';
import { isSelfKey } from './self-keys.ts';

type Operate = Operation<'online_change'>;

const instead = 'Drop it by drop_constraint, and add it again when the change is final; or make the change without --online.';

/**
 * The check that foreign keys which change rows of the table by themselves (CASCADE, SET NULL) can do so in both versions. That fires no trigger; but the new version
 * has the same key, so that the server does the same there within the same statement. It holds where the key and its columns stay what they are,
 * and nothing else is reckoned from them.
 */
export function actingKeys(operation: Operate, table: Table): Check | undefined {
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'foreign_key' || actionOf(constraint.definition) === undefined) continue;
    const problem = isSelfKey(table, constraint.definition)
      ? 'and points to the table itself: rows that are not copied yet would not follow'
      : changedBy(operation, constraint);
    if (problem !== undefined)
      return fail(
        'foreign_keys',
        `${constraint.name} changes rows of ${table.name} by itself, which fires no trigger, ${problem}`,
        instead,
      );
  }
  return addedKey(operation, table);
}

/** A key that only the new version has would change rows there alone. */
function addedKey(operation: Operate, table: Table): Check | undefined {
  for (const inner of innerOperations(operation)) {
    if (inner.type !== 'add_constraint' || inner.data.constraint.kind !== 'foreign_key') continue;
    const { on_delete, on_update } = inner.data.constraint;
    if (![on_delete, on_update].some((action) => /cascade|set/i.test(action ?? ''))) continue;
    return fail(
      'foreign_keys',
      `${inner.data.name} would change rows of the new version of ${table.name} by itself, and those of the old one not`,
      'Add it in a migration of its own when the change is final.',
    );
  }
  return undefined;
}

/** What keeps a key from doing the same in both versions. */
function changedBy(operation: Operate, { name, fields }: TableConstraint): string | undefined {
  let columns = [...fields];
  for (const inner of innerOperations(operation)) {
    if (inner.type === 'rename_field') {
      const { old_name, new_name } = inner.data;
      columns = columns.map((column) => (column === old_name ? new_name : column));
      continue;
    }
    if (inner.type === 'alter_index' || inner.type === 'drop_index') continue;
    if (inner.type === 'create_index' && inner.data.unique !== true) continue;
    if (inner.type === 'drop_constraint' && inner.data.name === name) return 'and the new version would not have it';
    const found = columns.find((column) =>
      words(JSON.stringify([inner.data, 'conditions' in inner ? inner.conditions : null])).has(column.toLowerCase()),
    );
    if (found !== undefined) return `and ${inner.type} has to do with its field ${found}`;
  }
  for (const [field, value] of Object.entries(operation.data.back ?? {})) {
    const seen = words(backSql(field, value));
    if (fields.includes(field) || columns.some((column) => seen.has(column.toLowerCase())))
      return `and back.${field} has to do with its fields`;
  }
  return undefined;
}

function words(text: string): Set<string> {
  return new Set((text.match(/[\w$\u0080-\uffff]+/g) ?? []).map((word) => word.toLowerCase()));
}
