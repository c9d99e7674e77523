import { afterAll } from 'vitest';
import type { Stage } from './stage.ts';

/**
 * One stage for the tests of a group, one after the other, because on many stores a database takes longer to make than a test to run.
 * A test that passes gives it back as it got it, which the tests that write prove by its state; one that fails has it dropped, so that
 * the next begins with a new one.
 */
export class SharedStage {
  private readonly make: () => Promise<Stage>;
  private kept: Stage | undefined;
  private uses = 0;

  private constructor(make: () => Promise<Stage>) {
    this.make = make;
  }

  /** For the group of tests that is being described; its last stage is dropped at the group's end. */
  static ofGroup(make: () => Promise<Stage>): SharedStage {
    const shared = new SharedStage(make);
    afterAll(() => shared.drop());
    return shared;
  }

  /** Lends the stage to a test, with a number that no other test of the group gets: for names of its own. */
  async use(test: (stage: Stage, nth: number) => Promise<void>): Promise<void> {
    const stage = this.kept ?? (await this.make());
    this.kept = stage;
    try {
      await test(stage, ++this.uses);
    } catch (error) {
      // The failure of the test is what matters, not that of cleaning up behind it.
      await this.drop().catch(() => undefined);
      throw error;
    }
  }

  private async drop(): Promise<void> {
    const stage = this.kept;
    this.kept = undefined;
    await stage?.[Symbol.asyncDispose]();
  }
}
