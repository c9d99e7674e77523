import { PolyshiftError } from '../errors/polyshift-error.ts';
import { onlineChangeTypes } from './online-change.ts';
import { defaultBatchSize } from './operation.ts';
import type { Operation, OperationType } from './registry.ts';

/** Rows in a batch of an online change, where the operations within it do not ask for more. */
const onlineBatchSize = 10_000;

/** Operations that an application of the old version does not notice: they run as they are. */
const unnoticed: readonly OperationType[] = [
  'create_collection',
  'create_index',
  'alter_index',
  'extract',
  'online_change',
  'alter_options',
  'add_gsi',
  'update_capacity',
  'create_materialized_view',
  'put_template',
];

/** What to do instead of an operation that has no online form. */
const instead: Partial<Record<OperationType, string>> = {
  rename_collection: 'Rename it in a migration of its own, when no application uses the old name any more.',
  drop_collection: 'Drop it in a migration of its own, after the old version of the application has ended.',
  run_sql:
    'Write it as operations; of SQL nobody can tell what it locks and what it breaks. `polyshift lint` names unsafe statements.',
  load: 'Load the rows in a migration of its own: an application of either version sees them at once.',
  online_change: 'Put the other changes of this collection into it.',
};

/**
 * The operations of a migration in their online form: those that an application of the old version would notice become one `online_change` for each
 * collection, in the place of the first of them; the others stay what they are.
 *
 * @throws PolyshiftError ONLINE_REFUSED where an operation has no online form
 */
export function onlineForm(operations: readonly Operation[]): Operation[] {
  const noticed = operations.filter(({ type }) => !unnoticed.includes(type));
  for (const operation of noticed) if (!changesVersion(operation)) throw refused(operation);
  const made = new Set(operations.filter(({ type }) => type === 'create_collection').map(({ collection }) => collection));
  // What this migration makes nobody uses yet.
  const changed = new Set(noticed.map(({ collection }) => collection).filter((collection) => !made.has(collection)));
  const begun = new Set<string>();
  return operations.flatMap((operation) => {
    const { collection } = operation;
    if (!changed.has(collection)) return [operation];
    if (begun.has(collection)) return [];
    begun.add(collection);
    return [
      changeOf(
        collection,
        operations.filter((each) => each.collection === collection),
      ),
    ];
  });
}

/** All operations on one collection as one; an index that stands among them belongs to the new version as well. */
function changeOf(collection: string, own: readonly Operation[]): Operation {
  for (const operation of own) if (!changesVersion(operation)) throw refused(operation);
  const asked = Math.max(...own.map(({ batch_size }) => (batch_size === defaultBatchSize ? 0 : batch_size)));
  return {
    type: 'online_change',
    collection,
    data: { operations: own as never, workers: 1 },
    batch_size: asked === 0 ? onlineBatchSize : asked,
  };
}

function changesVersion({ type }: Operation): boolean {
  return (onlineChangeTypes as readonly string[]).includes(type);
}

function refused({ type, collection }: Operation): PolyshiftError {
  return new PolyshiftError('ONLINE_REFUSED', `${type} on ${collection} has no online form`, {
    hint: instead[type] ?? 'Put it into a migration of its own, and apply that without --online.',
  });
}
