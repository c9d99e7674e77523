import type { JsonValue, PlanContext, PlannedStep, Risk } from '@polyshift/core';

/** A step of a plan: the request as JSON, `?` for what is bound. */
export function planned(
  statement: JsonValue,
  parts: { phase?: PlannedStep['phase']; lock?: PlannedStep['lock']; rows?: number | undefined; risk: Risk; undo: string },
): PlannedStep {
  return {
    statement: JSON.stringify(statement),
    phase: parts.phase ?? 'expand',
    lock: parts.lock ?? { mode: 'none', held: 'none' },
    risk: parts.risk,
    undo: parts.undo,
    ...(parts.rows === undefined ? {} : { rows: parts.rows }),
  };
}

/** The lock of a swap: the old index refuses writes while the last of them are copied. */
export const swapLock: NonNullable<PlannedStep['lock']> = { mode: 'writes refused', held: 'instant' };

/** Documents of a collection, from statistics. */
export function approximateRows(context: PlanContext, collection: string): number | undefined {
  return context.schema.collections[collection]?.approximate_count;
}
