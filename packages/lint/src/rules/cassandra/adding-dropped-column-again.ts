import { operationRule } from '../../operations/rule.ts';

/** Adds a column again that an earlier migration removed or renamed, with another type. */
export const addingDroppedColumnAgain = operationRule({
  code: 'CA003',
  name: 'adding-dropped-column-again',
  store: 'cassandra',
  level: 'error',
  doc: {
    what: 'Adds a column again that an earlier migration removed or renamed, with another type.',
    why: 'The old cells are still in the files: reads fail or give wrong values. The server refuses it for some types and not for others.',
    lock: 'Nothing is locked.',
    safe: 'Another name.',
  },
  examples: {
    unsafe: [
      [
        { type: 'add_field', collection: 'users', data: { field_name: 'a', type: 'text' } },
        { type: 'remove_field', collection: 'users', data: { field_name: 'a' } },
        { type: 'add_field', collection: 'users', data: { field_name: 'a', type: 'int64' } },
      ],
    ],
    safe: [
      [
        { type: 'add_field', collection: 'users', data: { field_name: 'a', type: 'text' } },
        { type: 'remove_field', collection: 'users', data: { field_name: 'a' } },
        { type: 'add_field', collection: 'users', data: { field_name: 'b', type: 'int64' } },
      ],
    ],
  },
  *check(operation, context) {
    if (operation.type !== 'add_field') return;
    const done = context.operations.slice(0, context.operations.indexOf(operation));
    const { field_name: name } = operation.data;
    const removed = [...context.earlier, ...done].some(
      (each) =>
        each.collection === operation.collection &&
        ((each.type === 'remove_field' && each.data.field_name === name) ||
          (each.type === 'rename_field' && each.data.old_name === name)),
    );
    if (removed)
      yield {
        path: ['data', 'field_name'],
        message: `${operation.collection}.${name} was there before: its old cells are still in the files.`,
      };
  },
});
