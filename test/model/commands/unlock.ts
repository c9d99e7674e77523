import { unlock } from '@polyshift/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import type { ModelCommand } from '../command.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';

/** `unlock`: takes the lock of a dead run away at once. */
class UnlockCommand implements ModelCommand {
  check(): boolean {
    return true;
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    expect((await unlock(stage.session)) !== undefined).toBe(model.locked);
    model.locked = false;
    await expectAgreement(model, stage);
  }

  toString(): string {
    return 'unlock';
  }
}

/** Unlock. */
export const unlockCommand: fc.Arbitrary<ModelCommand> = fc.constant(new UnlockCommand());
