import type { PlannedStep, Risk } from '@polyshift/core';

/** A step of a plan that is a command, or a script, on keys that are gone through one by one. */
export function planned(
  statement: string,
  parts: { phase?: PlannedStep['phase']; rows?: number | undefined; risk: Risk; undo: string },
): PlannedStep {
  return {
    statement,
    phase: parts.phase ?? 'expand',
    lock: { mode: 'one key at a time', held: 'instant' },
    risk: parts.risk,
    undo: parts.undo,
    ...(parts.rows === undefined ? {} : { rows: parts.rows }),
  };
}
