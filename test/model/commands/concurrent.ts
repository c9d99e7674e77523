import { unlock } from '@polyshift/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import { codeOf, ended, type ModelCommand, type Move } from '../command.ts';
import { statesSeen } from '../follow.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';
import { aim, anyMove, isClear, moveText, pathOf, runMove } from '../moves.ts';

/** Two runs at once: one after the other where both wait; else the second is refused, if the first has not ended before it comes. */
class ConcurrentCommand implements ModelCommand {
  private readonly moves: readonly [Move, Move];
  private readonly waits: boolean;

  constructor(moves: readonly [Move, Move], waits: boolean) {
    this.moves = moves;
    this.waits = waits;
  }

  check(model: Readonly<Model>): boolean {
    const moves = this.moves.map((move) => aim(move, model));
    return orders(moves).every((order) => {
      const copy = model.clone();
      for (const move of order) {
        if (!isClear(copy, move)) return false;
        ended(pathOf(copy, move));
      }
      return true;
    });
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const moves = this.moves.map((move) => aim(move, model));
    // The lock of a dead run would refuse both.
    if (!this.waits) await unlock(stage.session);
    const options = await stage.options(model);
    const codes = await Promise.all(
      moves.map(async (move) => {
        await using session = await stage.connect();
        return await codeOf(runMove({ ...options, session, wait_ms: this.waits ? options.wait_ms : 0 }, move));
      }),
    );
    const refused = codes.filter((code) => code === 'LOCKED').length;
    expect(refused, 'runs that were refused').toBeLessThanOrEqual(this.waits ? 0 : 1);
    const ran = moves.map((move, index) => ({ move, code: codes[index] })).filter(({ code }) => code !== 'LOCKED');
    const seen = await statesSeen(stage);
    const order = orders(ran).find((each) => {
      const copy = model.clone();
      return each.every(({ move, code }) => ended(pathOf(copy, move)) === code) && copy.states === seen;
    });
    expect(order, `${this.toString()} ended with ${codes.join(', ')} at "${seen}"`).toBeDefined();
    for (const { move } of order!) ended(pathOf(model, move));
    model.locked = false;
    await expectAgreement(model, stage);
  }

  toString(): string {
    return `at once: ${this.moves.map(moveText).join(' and ')}${this.waits ? ' waiting' : ''}`;
  }
}

/** A list as it is, and the other way round. */
function orders<Value>(list: readonly Value[]): Value[][] {
  return [[...list], [...list].reverse()];
}

/** Any two moves at once. */
export const concurrentCommand: fc.Arbitrary<ModelCommand> = fc
  .tuple(fc.tuple(anyMove, anyMove), fc.boolean())
  .map(([moves, waits]) => new ConcurrentCommand(moves, waits));
