import { unlock } from '@polyshift/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { expectAgreement } from '../agreement.ts';
import { codeOf, ended, type ModelCommand, type Move } from '../command.ts';
import { followTo } from '../follow.ts';
import type { Model } from '../model.ts';
import { type ModelStage, shortLease, takeOverPatience } from '../model-stage.ts';
import { aim, anyMove, isClear, moveText, pathOf, runMove } from '../moves.ts';
import { pausable } from '../pausable.ts';

/** A run that is paused at a place; its lock is broken, or taken over after its lease; another run comes and ends; then the first goes on. */
class LoseLeaseCommand implements ModelCommand {
  private readonly moves: readonly [Move, Move];
  private readonly nth: number;
  private readonly broken: boolean;

  constructor(moves: readonly [Move, Move], nth: number, broken: boolean) {
    this.moves = moves;
    this.nth = nth;
    this.broken = broken;
  }

  check(model: Readonly<Model>): boolean {
    return isClear(model, aim(this.moves[0], model));
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    const first = aim(this.moves[0], model);
    const path = pathOf(model, first);
    await using session = await stage.connect();
    const options = await stage.options(model);
    let taken = false;
    const paused = pausable(session, this.nth, async () => {
      await followTo(model, stage, path, true);
      taken = await this.takeOver(model, stage);
    });
    const lease_ttl_ms = this.broken ? options.lease_ttl_ms : shortLease;
    const code = await codeOf(runMove({ ...options, ...paused.options, lease_ttl_ms }, first));
    await paused.settled();
    // The watch beside a run ends it too, where its heartbeat gets no answer for as long as its lease.
    if (taken) expect(['LEASE_LOST', 'CONNECTION_LOST'], `${this.toString()} at ${paused.place}`).toContain(code);
    else expect(code, this.toString()).toBe(ended(path));
    model.locked = false;
    await expectAgreement(model, stage);
  }

  toString(): string {
    const [first, second] = this.moves.map(moveText);
    return `${first} paused at place ${this.nth}, ${this.broken ? 'unlocked' : 'taken over'} by ${second}`;
  }

  /**
   * The other run, from its begin to its end; where nobody can say what it would do, one that only takes the lock. False where it is kept
   * waiting because the paused run stands in a transaction that holds its lock.
   */
  private async takeOver(model: Model, stage: ModelStage): Promise<boolean> {
    if (this.broken && (await codeOf(unlock(stage.session))) !== undefined) return false;
    const drawn = aim(this.moves[1], model);
    const second = isClear(model, drawn) ? drawn : ({ kind: 'down', steps: 0 } as const);
    const options = await stage.options(model);
    const code = await codeOf(runMove({ ...options, wait_ms: takeOverPatience }, second));
    if (code === 'LOCKED') return false;
    expect(code).toBe(ended(pathOf(model, second)));
    model.locked = false;
    await expectAgreement(model, stage);
    return true;
  }
}

/** Any move that loses its lock to another. */
export const loseLeaseCommand: fc.Arbitrary<ModelCommand> = fc
  .tuple(fc.tuple(anyMove, anyMove), fc.integer({ min: 1, max: 40 }), fc.boolean())
  .map(([moves, nth, broken]) => new LoseLeaseCommand(moves, nth, broken));
