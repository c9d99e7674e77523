import { defaultNewCollection, innerOperations, type Operation, type PlanContext, type PlannedStep } from '@polyshift/core';
import { mappingOf } from './mapping.ts';
import type { OnlineStore } from './online-store.ts';

/** The statements of an online change, in words where a pass over all rows does what they say. */
export function planOnline<Raw>(
  store: OnlineStore<Raw>,
  operation: Operation<'online_change'>,
  context: PlanContext,
): PlannedStep[] {
  const { collection, data } = operation;
  const { noun, store: rows } = store.operations;
  const fresh = data.new_collection ?? defaultNewCollection(collection, context.version ?? '<version>');
  mappingOf(operation, {}, { codec: rows.codec, old: collection, new: fresh });
  const count = context.schema.collections[collection]?.approximate_count;
  const counted = count === undefined ? {} : { rows: count };
  const none = { mode: 'none', held: 'none' } as const;
  const one = { mode: `one ${noun} at a time`, held: 'instant' } as const;
  const dropped = `drops ${fresh}`;
  return [
    {
      statement: `create ${fresh} with the definition of ${collection}; it keeps this name`,
      phase: 'expand',
      lock: none,
      risk: 'none',
      undo: dropped,
    },
    ...innerOperations(operation).map(
      ({ type, data: inner }): PlannedStep => ({
        statement: `${type} on ${fresh}, while it is empty: ${JSON.stringify(inner)}`,
        phase: 'expand',
        lock: none,
        rows: 0,
        risk: 'none',
        undo: dropped,
      }),
    ),
    {
      statement: `copy each ${noun} of ${collection} to ${fresh} in its new form, where its key is missing there`,
      phase: 'migrate',
      lock: one,
      ...counted,
      risk: 'none',
      undo: dropped,
    },
    {
      statement: `carry what is written to ${collection} or ${fresh} over to the other, by comparing both with what they held when they were last in step (polyshift follow)${store.note ? `; ${store.note}` : ''}`,
      phase: 'migrate',
      lock: one,
      ...counted,
      risk: 'data_changed',
      undo: `${collection} has every write that was made to either`,
    },
    {
      statement: `drop ${collection} (polyshift finalize); ${fresh} keeps its name`,
      phase: 'contract',
      lock: none,
      ...counted,
      risk: 'data_removed',
      undo: 'none: after finalize it cannot be taken back',
    },
  ];
}
