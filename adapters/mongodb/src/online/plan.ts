import { defaultNewCollection, innerOperations, type Operation, type PlanContext, type PlannedStep } from '@polyshift/core';
import { approximateRows, catalogLock, planned } from '../planned.ts';
import type { Store } from '../store.ts';
import { isStructural, structuralHandler } from './inner-structure.ts';
import { mappingOf } from './mapping.ts';
import { planParts } from './plan-parts.ts';

/** The statements of an online change, by phase. */
export async function planOnlineChange(
  store: Store,
  operation: Operation<'online_change'>,
  context: PlanContext,
): Promise<PlannedStep[]> {
  const { collection } = operation;
  const fresh = operation.data.new_collection ?? defaultNewCollection(collection, context.version ?? '<version>');
  const rows = approximateRows(context, collection);
  const mapping = mappingOf(operation, {});
  const feed = store.features.change_streams;
  const steps: PlannedStep[] = [
    planned(
      { create: fresh, '...': `options, validation and indexes of ${collection}` },
      {
        lock: catalogLock(fresh),
        risk: 'none',
        undo: `drops ${fresh}, once all that was written to it has come to ${collection}`,
      },
    ),
  ];
  const schema = context.schema.collections[collection];
  const parts = planParts(operation, context, fresh);
  steps.push(...parts.expand);
  const inNew: PlanContext = {
    schema: { collections: { ...context.schema.collections, ...(schema ? { [fresh]: schema } : {}) } },
  };
  for (const each of innerOperations(operation)) {
    if (!isStructural(each.type)) continue;
    const inner = await structuralHandler(store, each.type).plan({ ...each, collection: fresh }, inNew);
    steps.push(
      ...inner.map((step) => ({ ...step, phase: 'expand' as const, rows: 0, risk: 'none' as const, undo: `goes with ${fresh}` })),
    );
  }
  for (const pipeline of mapping.forward) {
    steps.push(
      planned(
        {
          aggregate: 'polyshift_aside_?_online',
          pipeline: [{ '?': `documents of ${collection} by _id` }, ...pipeline],
          into: fresh,
        },
        { phase: 'migrate', rows, risk: 'none', undo: `goes with ${fresh}` },
      ),
    );
  }
  for (const [from, to, branches] of [
    [collection, fresh, mapping.forward],
    [fresh, collection, mapping.back],
  ] as const) {
    const change = feed ? { aggregate: 1, pipeline: [{ $changeStream: {} }] } : { find: from, sort: { _id: 1 }, comparing: to };
    steps.push(
      planned(
        { ...change, update: to, u: branches.flat() },
        { phase: 'migrate', risk: 'data_changed', undo: `each write to ${from} is a write to ${to} too, and stays there` },
      ),
    );
  }
  steps.push(
    ...parts.migrate,
    planned(
      { renameCollection: collection, to: 'polyshift_aside_?' },
      {
        phase: 'contract',
        lock: catalogLock(collection),
        rows,
        risk: 'data_removed',
        undo: `only by finalize, after which it cannot be taken back; ${fresh} keeps its name, and applications use that`,
      },
    ),
    ...parts.contract,
  );
  return steps;
}
