import type { JsonObject, Operation, PlanContext, PlannedStep } from '@polyshift/core';
import { indexSpecification } from '../index-definition.ts';
import { approximateRows, catalogLock, planned } from '../planned.ts';
import { keyIndex, placeIndexes } from './part-structure.ts';

/** The statements for splits and merges, by phase. */
export function planParts(
  operation: Operation<'online_change'>,
  context: PlanContext,
  fresh: string,
): Record<'expand' | 'migrate' | 'contract', PlannedStep[]> {
  const { collection, data } = operation;
  const { moved } = placeIndexes(operation, context.schema.collections[collection]?.indexes ?? []);
  const steps = { expand: [] as PlannedStep[], migrate: [] as PlannedStep[], contract: [] as PlannedStep[] };
  for (const { into, fields, key: [key] = ['_id'] } of data.split ?? []) {
    const undo = `drops ${into}, once all that was written to it has come to ${collection}`;
    steps.expand.push(planned({ create: into }, { lock: catalogLock(into), risk: 'none', undo }));
    const own = moved.filter((each) => each.into === into).map(({ index }) => index.definition as JsonObject);
    for (const definition of [...(key === '_id' ? [] : [keyIndex({ key: key! })]), ...own])
      steps.expand.push(
        planned(
          { createIndexes: into, indexes: [shown(definition)] },
          { lock: { mode: `intent on ${into}`, held: 'none' }, rows: 0, risk: 'none', undo: `goes with ${into}` },
        ),
      );
    steps.migrate.push(
      planned(
        { update: into, q: { [key!]: '?' }, fields: [...fields], '...': `with each document of ${fresh}, in both directions` },
        {
          phase: 'migrate',
          rows: approximateRows(context, collection),
          risk: 'data_changed',
          undo: `each write to ${into} is a write to ${collection} too, and stays there`,
        },
      ),
    );
  }
  for (const { from, fields, key: [key] = ['_id'] } of data.merge ?? []) {
    const rows = approximateRows(context, from);
    steps.migrate.push(
      planned(
        {
          update: from,
          q: { [key!]: '?' },
          fields: fields ? [...fields] : 'all',
          '...': `with each document of ${collection}, in both directions`,
        },
        {
          phase: 'migrate',
          rows,
          risk: 'data_changed',
          undo: `each write to ${from} is a write to ${fresh} too, and the other way round`,
        },
      ),
    );
    steps.contract.push(
      planned(
        { renameCollection: from, to: 'polyshift_aside_?' },
        {
          phase: 'contract',
          lock: catalogLock(from),
          rows,
          risk: 'data_removed',
          undo: 'only by finalize, after which it cannot be taken back',
        },
      ),
    );
  }
  return steps;
}

function shown(definition: JsonObject): object {
  const { key, ...rest } = indexSpecification(definition);
  return { key: Object.fromEntries(key as Map<string, unknown>), ...rest };
}
