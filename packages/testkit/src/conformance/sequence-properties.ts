import type { Adapter, AnyOperationInput } from '@polyshift/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { scenariosOf } from './scenarios.ts';
import { SharedStage } from './shared-stage.ts';
import { Stage } from './stage.ts';
import { thereAndBack } from './there-and-back.ts';

/** Any sequence of operations goes back to equal fingerprints, and one that fails leaves no trace. */
export function sequenceProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const pool = scenariosOf(adapter, options).flatMap(({ scenarios }) => scenarios.map((scenario) => scenario.operation));

  describe('sequences', () => {
    const shared = SharedStage.ofGroup(() => Stage.seeded(adapter, server, options));

    it('apply and go back to equal fingerprints, in any order, whole or failed', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
          (sequence) =>
            shared.use(async (stage) => {
              await thereAndBack(stage.session, sequence as AnyOperationInput[][]);
            }),
        ),
        { numRuns: options.sequences ?? 10, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
      );
    }, 180_000);
  });
}
