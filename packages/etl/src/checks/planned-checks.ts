import type { SpecCheck, SpecChecks } from '../spec/spec-checks.ts';

/** A check as a plan shows it. */
export interface PlannedCheck {
  readonly check: string;
  /** The store that is asked. */
  readonly on: 'source' | 'target' | 'both';
  /** Its name, or what it asks, for people. */
  readonly asks: string;
  /** Whether a failure is only told. */
  readonly warns_only: boolean;
}

/** The checks of a spec as a plan shows them; they are not run. */
export interface PlannedChecks {
  readonly before: readonly PlannedCheck[];
  readonly after: readonly PlannedCheck[];
  /** What becomes of a load whose checks fail. */
  readonly on_failure: 'keep' | 'roll_back';
}

/** See {@link PlannedChecks}. */
export function plannedChecks(checks: SpecChecks | undefined): PlannedChecks {
  return {
    before: (checks?.before ?? []).map((check) => planned(check, 'source')),
    after: (checks?.after ?? []).map((check) => planned(check, 'target')),
    on_failure: checks?.on_failure ?? 'keep',
  };
}

function planned(definition: SpecCheck, fallback: 'source' | 'target'): PlannedCheck {
  const { check, name, on_failure, action: _action, ...asked } = definition;
  const { on = check.startsWith('same_') ? 'both' : fallback, ...rest } = asked as { on?: PlannedCheck['on'] };
  const parts = Object.entries(rest).flatMap(([key, value]) =>
    value === undefined || typeof value === 'function'
      ? []
      : [`${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  return { check, on, asks: name ?? parts.join(', '), warns_only: on_failure === 'warn' };
}
