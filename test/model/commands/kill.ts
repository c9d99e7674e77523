import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import type { ModelCommand, Move } from '../command.ts';
import { type Death, runUntilDeath } from '../death.ts';
import { followTo } from '../follow.ts';
import type { Model } from '../model.ts';
import { type ModelStage, shortLease } from '../model-stage.ts';
import { aim, anyMove, isClear, moveText, pathOf, runMove } from '../moves.ts';

/** `up` or `down` that is killed at a place: its lock stays behind, and the history stands where it was then. */
class KillCommand implements ModelCommand {
  private readonly move: Move;
  private readonly death: Death;

  constructor(move: Move, death: Death) {
    this.move = move;
    this.death = death;
  }

  check(model: Readonly<Model>): boolean {
    return isClear(model, aim(this.move, model));
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const move = aim(this.move, model);
    const session = await stage.connect();
    const options = { ...(await stage.options(model, session)), lease_ttl_ms: shortLease };
    const end = await runUntilDeath(options, this.death, (mortal) => runMove(mortal, move));
    await session.close();
    const code = await followTo(model, stage, pathOf(model, move), end.killed);
    if (!end.killed) expect(end.code, this.toString()).toBe(code);
    // A run that was killed before it had the lock leaves none.
    model.locked = end.killed && (await stage.session.locks.read('migrations')) !== undefined;
    await expectAgreement(model, stage);
  }

  toString(): string {
    return `${moveText(this.move)} killed at ${this.death.kind} ${this.death.nth}`;
  }
}

/** Any move, killed anywhere. */
export const killCommand: fc.Arbitrary<ModelCommand> = fc
  .tuple(anyMove, fc.record({ kind: fc.constantFrom('place' as const, 'call' as const), nth: fc.integer({ min: 1, max: 45 }) }))
  .map(([move, death]) => new KillCommand(move, death));
