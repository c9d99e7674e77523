import { operationRule } from '../../operations/rule.ts';

/** Adds a constraint, a unique index or a validation without a check before the migration that names the rows which break it. */
export const constraintWithoutCheck = operationRule({
  code: 'OP006',
  name: 'constraint-without-check',
  store: 'any',
  level: 'warning',
  doc: {
    what: 'Adds a constraint, a unique index or a validation without a check before the migration that names the rows which break it.',
    why: 'polyshift refuses it before anything is changed; a check in the migration says so with the rows, together with the others, and documents what is expected.',
    lock: 'As the plan of the store says.',
    safe: 'checks: { before: [{ check: duplicates, collection, fields }] } (or null_values, orphans); see docs/migrations.md.',
  },
  examples: {
    unsafe: [
      [{ type: 'add_constraint', collection: 'users', data: { name: 'e', constraint: { kind: 'unique', fields: ['email'] } } }],
      [{ type: 'add_constraint', collection: 'orders', data: { name: 'u', constraint: { kind: 'not_null', field: 'user_id' } } }],
    ],
    safe: [
      [{ type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 } } }],
      [
        { type: 'create_collection', collection: 'users', data: {} },
        { type: 'create_index', collection: 'users', data: { name: 'e', keys: { email: 1 }, unique: true } },
      ],
    ],
  },
  *check(operation, context) {
    if (context.isNew(operation.collection)) return;
    // MongoDB has a rule of its own for them.
    const unique = operation.type === 'create_index' && operation.data.unique && context.store !== 'mongodb';
    const kind = operation.type === 'add_constraint' ? operation.data.constraint.kind : undefined;
    const wanted =
      unique || kind === 'unique' || kind === 'primary_key'
        ? 'duplicates'
        : kind === 'not_null'
          ? 'null_values'
          : kind === 'foreign_key'
            ? 'orphans'
            : undefined;
    if (wanted === undefined) return;
    const checked = context.checks.some(
      (each) => each.check === wanted && 'collection' in each && each.collection === operation.collection,
    );
    if (!checked) yield { message: `No check of kind ${wanted} on ${operation.collection} stands before this.` };
  },
});
