import type { Operation } from '@polyshift/core';
import type { OperationContext } from './rule.ts';

/** The key of the operation's collection, as far as migrations have made it. */
export function keyFields(operation: Operation, { operations, earlier }: OperationContext): Set<string> {
  const keys = new Set<string>();
  for (const each of [...earlier, ...operations.slice(0, operations.indexOf(operation))]) {
    if (each.type === 'create_collection' && each.collection === operation.collection) {
      for (const name of each.data.key ?? []) keys.add(name);
    }
    if (each.type === 'extract' && each.data.into === operation.collection) {
      for (const name of each.data.key ?? []) keys.add(name);
    }
  }
  return keys;
}
