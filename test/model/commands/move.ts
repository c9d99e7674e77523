import type fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import { codeOf, ended, type ModelCommand, type Move } from '../command.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';
import { aim, anyMove, isClear, moveText, pathOf, runMove } from '../moves.ts';

/** `up` or `down` that nobody disturbs: it takes the lock of a dead run over, and goes on where that one has stopped. */
class MoveCommand implements ModelCommand {
  private readonly move: Move;

  constructor(move: Move) {
    this.move = move;
  }

  check(model: Readonly<Model>): boolean {
    return isClear(model, aim(this.move, model));
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const move = aim(this.move, model);
    const code = await codeOf(runMove(await stage.options(model), move));
    expect(code, this.toString()).toBe(ended(pathOf(model, move)));
    model.locked = false;
    await expectAgreement(model, stage);
  }

  toString(): string {
    return moveText(this.move);
  }
}

/** Any undisturbed move. */
export const moveCommand: fc.Arbitrary<ModelCommand> = anyMove.map((move) => new MoveCommand(move));
