import { type Check, fail } from '@polyshift/core';
import type { Definition } from '../definitions/definition.ts';

/** The check that no index is over a field whose name or type changes; none where that holds. */
export function refuseIndexed({ indexes }: Definition, field: string): Check[] {
  const over = indexes.filter(
    ({ keys, where }) => Object.hasOwn(keys, field) || (where && JSON.stringify(where).includes(JSON.stringify(field))),
  );
  if (over.length === 0) return [];
  const names = over.map(({ name }) => name).join(', ');
  return [
    fail('not_indexed', `the index ${names} is over ${field}`, 'Drop it first by drop_index, and create it again afterwards.'),
  ];
}
