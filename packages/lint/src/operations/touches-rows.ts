import type { Operation } from '@polyshift/core';

/** Whether an operation goes through the rows of its collection, on stores that keep no schema. */
export function touchesRows(operation: Operation): boolean {
  switch (operation.type) {
    case 'migrate_data':
    case 'rename_field':
    case 'remove_field':
    case 'change_type':
    case 'change_encoding':
      return true;
    case 'add_field':
      return operation.data.default_value !== undefined;
    default:
      return false;
  }
}
