import type { PlannedStep, Risk } from '@polyshift/core';

/** A step of a plan that changes the schema. */
export function schemaStep(
  statement: string,
  parts: { phase?: PlannedStep['phase']; risk?: Risk; undo: string; rows?: number | undefined },
): PlannedStep {
  return {
    statement,
    phase: parts.phase ?? 'expand',
    lock: { mode: 'none; all nodes come to the same schema before it goes on', held: 'none' },
    risk: parts.risk ?? 'none',
    undo: parts.undo,
    ...(parts.rows === undefined ? {} : { rows: parts.rows }),
  };
}
