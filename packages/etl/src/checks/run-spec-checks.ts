import { type Check, type CheckOutcome, checkOf, checkReader, customOutcome, runCheck } from '@polyshift/core';
import { stopped } from '../retry.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import type { SpecCheck } from '../spec/spec-checks.ts';
import { compareSides, type Sides } from './side-checks.ts';

/** What the checks of a spec work with. */
export interface SpecCheckParts {
  readonly loaded: LoadedSpec;
  readonly sides: Sides;
  /** The store that a check asks where it does not say `on`. */
  readonly on: 'source' | 'target';
  /** Holds every row of the source against the target, as `etl verify` does. */
  readonly compareRows: () => Promise<readonly Check[]>;
  readonly signal?: AbortSignal | undefined;
}

/** Runs checks of a spec, in order. Reads only. Throws STOPPED between two of them, and what the stores throw. */
export async function runSpecChecks(definitions: readonly SpecCheck[], parts: SpecCheckParts): Promise<Check[]> {
  const checks: Check[] = [];
  for (const definition of definitions) {
    if (parts.signal?.aborted) throw stopped();
    checks.push(await runSpecCheck(definition, parts));
  }
  return checks;
}

async function runSpecCheck(definition: SpecCheck, { loaded, sides, on, compareRows }: SpecCheckParts): Promise<Check> {
  switch (definition.check) {
    case 'same_row_count':
    case 'same_column_sum':
    case 'same_distinct_count':
      return checkOf(definition, await compareSides(definition, loaded, sides));
    case 'same_rows':
      return checkOf(definition, comparedOutcome(await compareRows()));
    case 'function': {
      const [source, target] = [checkReader(sides.source), checkReader(sides.target)];
      const asked = (definition.on ?? on) === 'source' ? source : target;
      return checkOf(definition, await customOutcome(() => definition.run({ ...asked, source, target })));
    }
    default:
      return runCheck(sides[definition.on ?? on], definition);
  }
}

function comparedOutcome(checks: readonly Check[]): CheckOutcome {
  const failed = checks.filter(({ status }) => status === 'FAILED');
  return {
    broken: failed.length > 0,
    message: (failed.length > 0 ? failed : checks).map(({ message }) => message).join('; '),
  };
}
