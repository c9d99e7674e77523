import type { PlanContext, PlannedStep, Risk } from '@polyshift/core';

/** A step of a plan: a request of the service with what it takes. */
export function planned(
  request: string,
  input: object,
  parts: { phase?: PlannedStep['phase']; lock?: PlannedStep['lock']; rows?: number | undefined; risk: Risk; undo: string },
): PlannedStep {
  return {
    statement: `${request} ${JSON.stringify(input)}`,
    phase: parts.phase ?? 'expand',
    lock: parts.lock ?? { mode: 'none: the table can be read and written all the time', held: 'none' },
    risk: parts.risk,
    undo: parts.undo,
    ...(parts.rows === undefined ? {} : { rows: parts.rows }),
  };
}

/** Items of a table, from statistics. */
export function approximateRows(context: PlanContext, collection: string): number | undefined {
  return context.schema.collections[collection]?.approximate_count;
}
