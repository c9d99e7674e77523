import type { Operation } from './registry.ts';

/** The changes that an `online_change` makes to the new version of its collection, checked when the migration was read. */
export function innerOperations(operation: Operation<'online_change'>): readonly Operation[] {
  // parseOperation has put checked operations in the place of what the document says.
  return operation.data.operations as unknown as readonly Operation[];
}
