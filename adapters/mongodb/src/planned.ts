import type { PlanContext, PlannedStep, Risk } from '@polyshift/core';
import { BSON } from 'mongodb';

/** A command as text for plans: relaxed Extended JSON, `?` for what is bound. */
export function commandText(command: object): string {
  return BSON.EJSON.stringify(command, { relaxed: true });
}

/** The filter of the documents of a batch. */
export const rangeOfIds = { _id: { $gt: '?', $lte: '?' } } as const;

/** A step of a plan. MongoDB's intent locks do not block; only commands on the catalogue hold a collection for an instant. */
export function planned(
  command: object,
  parts: { phase?: PlannedStep['phase']; lock?: PlannedStep['lock']; rows?: number | undefined; risk: Risk; undo: string },
): PlannedStep {
  return {
    statement: commandText(command),
    phase: parts.phase ?? 'expand',
    lock: parts.lock ?? { mode: 'intent', held: 'none' },
    risk: parts.risk,
    undo: parts.undo,
    ...(parts.rows === undefined ? {} : { rows: parts.rows }),
  };
}

/** The lock of a command that changes the catalogue. */
export const catalogLock = (collection: string): NonNullable<PlannedStep['lock']> => ({
  mode: `exclusive on ${collection}`,
  held: 'instant',
});

/** Documents of a collection, from statistics. */
export function approximateRows(context: PlanContext, collection: string): number | undefined {
  return context.schema.collections[collection]?.approximate_count;
}
