import { type Adapter, type AnyOperationInput, down, isPolyshiftError, up } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { scenariosOf } from './scenarios.ts';
import { SharedStage } from './shared-stage.ts';
import { migration, Stage } from './stage.ts';
import { storeState } from './store-state.ts';

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
              const beginning = await storeState(stage.session);
              const migrations = sequence.map((operations, index) =>
                migration(String(index + 1), operations as AnyOperationInput[]),
              );
              for (let count = 1; count <= migrations.length; count++) {
                const before = await storeState(stage.session);
                const error = await up({ session: stage.session, migrations: migrations.slice(0, count) }).then(
                  () => undefined,
                  (thrown: unknown) => thrown,
                );
                if (error === undefined) continue;
                expect(isPolyshiftError(error), String(error)).toBe(true);
                expect(await storeState(stage.session), `after the failure of migration ${count}: ${String(error)}`).toEqual(
                  before,
                );
                break;
              }
              await down({ session: stage.session, migrations }, { to: '0' });
              expect(await storeState(stage.session)).toEqual(beginning);
            }),
        ),
        { numRuns: options.sequences ?? 10, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
      );
    }, 180_000);
  });
}
