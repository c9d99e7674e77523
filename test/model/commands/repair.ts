import { repair } from '@polyshift/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import { codeOf, type ModelCommand, pick } from '../command.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';

/** `repair` of one version or of all, with a reason or without. */
class RepairCommand implements ModelCommand {
  private readonly at: number | undefined;
  private readonly reason: string;

  constructor(at: number | undefined, reason: string) {
    this.at = at;
    this.reason = reason;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const problems = model.problems().map(({ version }) => version);
    const version = this.at === undefined ? undefined : pick([...problems, ...model.versions], this.at);
    const command = repair(await stage.options(model), { version, reason: this.reason });
    if (this.reason === '') {
      expect(await codeOf(command)).toBe('USAGE');
    } else {
      expect(await codeOf(command), this.toString()).toBe(model.repair(version));
      model.locked = false;
    }
    await expectAgreement(model, stage);
  }

  toString(): string {
    return `repair ${this.at ?? 'all'} "${this.reason}"`;
  }
}

/** Any repair. */
export const repairCommand: fc.Arbitrary<ModelCommand> = fc
  .tuple(
    fc.option(fc.nat(20), { nil: undefined, freq: 1 }),
    fc.oneof({ weight: 6, arbitrary: fc.constant('it is right so') }, { weight: 1, arbitrary: fc.constant('') }),
  )
  .map(([at, reason]) => new RepairCommand(at, reason));
