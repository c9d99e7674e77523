import { finalize } from '@polyshift/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import { codeOf, type ModelCommand, pick } from '../command.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';

/** `finalize` of a version, applied or not. */
class FinalizeCommand implements ModelCommand {
  private readonly at: number;

  constructor(at: number) {
    this.at = at;
  }

  check(model: Readonly<Model>): boolean {
    return model.files.size > 0;
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const version = pick([...model.entries.keys(), ...model.versions], this.at)!;
    const code = await codeOf(finalize(await stage.options(model), { version }));
    expect(code, this.toString()).toBe(model.finalize(version));
    model.locked = false;
    await expectAgreement(model, stage);
  }

  toString(): string {
    return `finalize ${this.at}`;
  }
}

/** Any finalize. */
export const finalizeCommand: fc.Arbitrary<ModelCommand> = fc.nat(20).map((at) => new FinalizeCommand(at));
